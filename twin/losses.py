from twin import buffers
from twin.kernels import causes as kernel
import numpy as np

def spells(booked):
    past = buffers.past(booked)
    count, ways = len(past.stations), len(past.ways)
    line = kernel.Line(
        stations=past.stations, ways=past.ways, order=past.order,
        state=np.full(count, kernel.UNKNOWN, np.int64),
        inside=past.stations["inside"].astype(np.int64),
        done=np.zeros(count, np.int64),
        ahead=past.stations["ahead"].astype(np.int64),
        takes=past.stations["next_takes"].astype(np.uint64),
        level=past.ways["level"].astype(np.int64),
        seen=np.zeros(count, np.int64),
        search=np.zeros(1, np.int64),
        near=past.near, depends=np.zeros_like(past.near),
    )
    return kernel.trace(past.events, booked.from_ns, booked.to_ns, line)
