/* The Monte-Carlo lanes of twin/kernels/flow_lanes.py once more, in C: what numba is measured by.
   The same draws, the same order of arithmetic, the same bits. Built by bench_flow.py with
   -O3 -march=native -ffp-contract=off -fno-math-errno -fno-trapping-math. A line that is empty and off at time 0, to its end. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 32, OFF = 0, STANDBY, WARMING_UP, STARVED, BLOCKED, FAILED, STOPPED, PROCESSING };
#define GOLDEN 0x9E3779B97F4A7C15ull

static inline uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/* Of an integer below 2^53, exactly. By halves: AVX2 converts 32 bits alone, and gcc would then go
   lane by lane. */
static inline double as_double(uint64_t n) {
    int32_t high = (int32_t)(n >> 32), low = (int32_t)((uint32_t)n ^ 0x80000000u);
    return (double)high * 0x1p32 + ((double)low + 0x1p31);
}

static inline double uniform(uint64_t key, uint64_t counter) {
    return ((double)(int64_t)(mix(key + counter * GOLDEN) >> 11) + 0.5) * 0x1p-53;
}

static inline double quantised(double time_s) { return floor(time_s * 0x1p20 + 0.5) * 0x1p-20; }

static double exponential(double u, double mean_s) { return quantised(-log(u) * mean_s); }

/* seconds: (LANES, stations, columns); the rest as in flow_serial.Serial. */
void run_lanes(int64_t vehicles, int64_t stations, int64_t variants, uint64_t seed, int64_t run,
               const double *shapes, const int64_t *room, const double *standby_s,
               const double *wake_s, const double *mtbf_s, const double *mttr_s,
               const int64_t *variant, const double *release_s, double *seconds) {
    int64_t columns = PROCESSING + variants, rows = 2;
    int64_t *first = calloc(stations + 1, 8), *depth = calloc(stations + 1, 8);
    int64_t *slot = calloc(stations + 1, 8), *failures = calloc(stations * LANES, 8);
    depth[0] = 2;
    for (int64_t s = 1; s <= stations; s++) {
        depth[s] = s == stations ? 2 : (room[s - 1] < vehicles ? room[s - 1] : vehicles) + 2;
        first[s] = rows;
        rows += depth[s];
    }
    size_t row = LANES * sizeof(double);
    double *ring = aligned_alloc(64, rows * row), *left_s = aligned_alloc(64, stations * row);
    double *booked = aligned_alloc(64, stations * columns * row);
    memset(ring, 0, rows * row);
    memset(booked, 0, stations * columns * row);
    uint64_t keys[3][LANES];
    double ready[LANES], wait[LANES], take[LANES], start[LANES], done[LANES];
    for (int k = 0; k < LANES; k++)
        for (int kind = 0; kind < 3; kind++)
            keys[kind][k] = mix(mix(seed + (uint64_t)(run + k) * GOLDEN) + kind * GOLDEN);
    for (int64_t s = 0; s < stations; s++)
        for (int k = 0; k < LANES; k++)
            left_s[s * LANES + k] = exponential(uniform(keys[1][k], s), mtbf_s[s]);
    for (int64_t i = 0; i < vehicles; i++) {
        for (int k = 0; k < LANES; k++) ready[k] = release_s[i];
        for (int64_t s = 0; s < stations; s++) {
            const uint64_t *restrict key = keys[0];
            const double *shape = shapes + (s * variants + variant[i]) * 5;
            double low = shape[0], rising = shape[1], high = shape[2], below = shape[3],
                   above = shape[4], wakes_s = wake_s[s], delay_s = i ? standby_s[s] : -1.0;
            double *restrict own = booked + s * columns * LANES, *restrict left = left_s + s * LANES;
            int64_t at = slot[s], after = slot[s + 1] + 1;
            const double *restrict was = ring + (first[s] + (at ? at : depth[s]) - 1) * LANES;
            const double *restrict roomy =
                ring + (first[s + 1] + (after < depth[s + 1] ? after : 0)) * LANES;
            double *restrict gone = ring + (first[s] + at) * LANES;
            double *restrict blocked = own + BLOCKED * LANES;
            double *restrict processing = own + (PROCESSING + variant[i]) * LANES;
            uint64_t counter = (uint64_t)(i * stations + s) * GOLDEN;
            int64_t failing = 0, waking = 0;
#pragma GCC ivdep
            for (int k = 0; k < LANES; k++) {
                double u = (as_double(mix(key[k] + counter) >> 11) + 0.5) * 0x1p-53;
                int early = u < rising;
                double root = sqrt(early ? u * below : (1.0 - u) * above);
                double process = floor((early ? low + root : high - root) * 0x1p20 + 0.5) * 0x1p-20;
                double begin = ready[k] > was[k] ? ready[k] : was[k], gap = begin - was[k];
                int asleep = gap > delay_s;
                double rest = left[k] - process;
                waking += asleep;
                failing += rest <= 0.0;
                wait[k] = gap;
                take[k] = begin;
                start[k] = begin + (asleep ? wakes_s : 0.0);
                done[k] = start[k] + process;
                left[k] = rest;
            }
            if (i == 0)
                for (int k = 0; k < LANES; k++) {
                    own[OFF * LANES + k] += wait[k];
                    wait[k] = 0.0;
                }
            if (failing)
                for (int k = 0; k < LANES; k++) {
                    int64_t *count = failures + s * LANES + k;
                    double down_s = 0.0;
                    while (left[k] <= 0.0) {
                        down_s += exponential(uniform(keys[2][k], *count * stations + s), mttr_s[s]);
                        ++*count;
                        left[k] += exponential(uniform(keys[1][k], *count * stations + s), mtbf_s[s]);
                    }
                    done[k] += down_s;
                    own[FAILED * LANES + k] += down_s;
                    processing[k] -= down_s;
                }
            if (waking) {
                double *restrict standby = own + STANDBY * LANES;
                double *restrict warming_up = own + WARMING_UP * LANES;
                double asleep_s = standby_s[s];
                for (int k = 0; k < LANES; k++) {
                    double beyond = wait[k] - asleep_s;
                    standby[k] += beyond > 0.0 ? beyond : 0.0;
                    warming_up[k] += start[k] - take[k];
                }
            }
#pragma GCC ivdep
            for (int k = 0; k < LANES; k++) {
                double leaves = roomy[k] > done[k] ? roomy[k] : done[k];
                gone[k] = leaves;
                ready[k] = leaves;
                blocked[k] += leaves - done[k];
                processing[k] += done[k] - start[k];
            }
        }
        for (int64_t s = 0; s <= stations; s++) slot[s] = slot[s] + 1 < depth[s] ? slot[s] + 1 : 0;
    }
    for (int64_t s = 0; s < stations; s++)
        for (int k = 0; k < LANES; k++) {
            double total_s = 0.0, *out = seconds + (k * stations + s) * columns;
            for (int64_t c = 0; c < columns; c++) {
                out[c] = booked[(s * columns + c) * LANES + k];
                total_s += out[c];
            }
            int64_t last = first[s] + (slot[s] ? slot[s] : depth[s]) - 1;
            out[STARVED] = ring[last * LANES + k] - total_s;
        }
    free(first), free(depth), free(slot), free(failures), free(ring), free(left_s), free(booked);
}
