"""The words of a performance report in both languages; names of things are those of the report."""

from __future__ import annotations

from collections.abc import Mapping

from ui.reports.phrases import Pair

TEXTS: Mapping[str, Pair] = {
    "title": ("Energy performance report", "能源绩效报告"),
    "sentence": (
        "The energy of each shift against a baseline by vehicles and weather (ISO 50006).",
        "各班次能耗与按产量和天气建立的能源基准对比（ISO 50006）。",
    ),
    "logs": ("Logs", "日志"),
    "shifts": ("Shifts", "班次"),
    "shifts_of_baseline": ("Shifts of the baseline", "基准班次"),
    "baseline": ("Baseline", "能源基准"),
    "baseline_period": ("Period of the baseline", "基准时段"),
    "no_baseline": ("No baseline", "无基准"),
    "formula_note": (
        "kWh of a shift = base + the sum of coefficient × driver, by least squares.",
        "班次能耗（kWh）= 固定部分 + 各驱动因素 × 系数之和（最小二乘）。",
    ),
    "base": ("base load of a shift", "班次固定能耗"),
    "driver": ("Driver", "驱动因素"),
    "coefficient": ("kWh for each", "系数，kWh/单位"),
    "standard_error": ("Standard error", "标准误差"),
    "seen": ("Seen from", "范围下限"),
    "seen_to": ("to", "范围上限"),
    "inflation": ("Variance inflation", "方差膨胀"),
    "units": ("vehicle", "车辆"),
    "units_of": ("vehicle, {variant}", "车辆（{variant}）"),
    "hdd": ("heating degree day (below {celsius} °C)", "采暖度日（低于 {celsius} °C）"),
    "cdd": ("cooling degree day (above {celsius} °C)", "制冷度日（高于 {celsius} °C）"),
    "r2": ("R²", "R²"),
    "cv_rmse": ("CV(RMSE)", "CV(RMSE)"),
    "residual_kwh": ("Residual of a shift, kWh", "班次残差，kWh"),
    "coverage": ("Shifts inside its range", "处于基准范围内"),
    "left_out": ("Left out", "未采用的因素"),
    "vehicles": ("Vehicles", "车辆"),
    "outdoor_c": ("Outdoors, °C", "室外，°C"),
    "kwh": ("Actual, kWh", "实际，kWh"),
    "predicted_kwh": ("Baseline, kWh", "基准，kWh"),
    "saving_kwh": ("Saved, kWh", "节约，kWh"),
    "error_kwh": ("Standard error, kWh", "标准误差，kWh"),
    "cusum_kwh": ("CUSUM, kWh", "累计节约，kWh"),
    "cusum": ("Saved so far (CUSUM), kWh", "累计节约（CUSUM），kWh"),
    "cusum_note": (
        "Sum of baseline less actual; up where energy is saved. A shift without a driver has no "
        "prediction and adds nothing. * outside of what the baseline has seen.",
        "基准减实际的累计值；上升表示节能。缺少驱动因素的班次没有预测值，不计入累计。"
        "* 超出基准范围。",
    ),
    "saved": ("Saved so far", "累计节约"),
    "digest_note": (
        "Over the ordered content of the logs: the same logs give this same report.",
        "依据各日志的有序内容：相同日志得到相同报告。",
    ),
    "sheet_shifts": ("shifts", "班次"),
    "sheet_baseline": ("baseline", "能源基准"),
}
WHY_NOT: Mapping[str, Pair] = {
    "no_shift": ("no shift was booked", "没有班次记录"),
    "nothing_varies": (
        "nothing that drives energy changes from shift to shift",
        "各班次的驱动因素均无变化",
    ),
    "too_few": (
        "{count} shifts are too few for {coefficients} coefficients: {least} are needed",
        "{count} 个班次不足以确定 {coefficients} 个系数，至少需要 {least} 个",
    ),
    "not_known": (
        "{driver} is not known in {missing} of {count} shifts",
        "{count} 个班次中有 {missing} 个缺少 {driver}",
    ),
    "constant": ("{driver} is the same in every shift", "各班次的 {driver} 相同"),
    "alike": (
        "{drivers} change together and cannot be told apart",
        "{drivers} 同步变化，无法区分",
    ),
    "same_energy": ("the energy is the same in every shift", "各班次能耗相同"),
}
LEFT_OUT: Mapping[str, Pair] = {
    "no outdoor temperature in every shift": (
        "no outdoor temperature in every shift",
        "并非每个班次都有室外温度",
    ),
    "the same in every shift": ("the same in every shift", "各班次相同"),
    "too few shifts to tell of it": ("too few shifts to tell of it", "班次过少，无法确定"),
}
