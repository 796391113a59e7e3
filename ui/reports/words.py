"""The words of a report in both languages, without Qt: a report is also made where there is none.

States, KPIs, carriers and evidence are called here what the screens call them (see ui.words).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from data.line import Line, Names
from ui.reports import economy_words

Language = Literal["en", "zh"]
Pair = tuple[str, str]

STATES: Mapping[str, Pair] = {
    "off": ("off", "关机"),
    "standby": ("standby", "待机"),
    "warming_up": ("warming up", "预热"),
    "idle": ("idle", "空闲"),
    "starved": ("starved", "待料"),
    "blocked": ("blocked", "堵塞"),
    "processing": ("processing", "加工中"),
    "setup": ("setup", "换型"),
    "failed": ("failed", "故障"),
    "stopped": ("stopped", "停止"),
    "held": ("held", "暂挂"),
    "unknown": ("unknown", "未知"),
    "none": ("not on a station", "不在工位上"),
}
KPIS: Mapping[str, Pair] = {
    "vehicles_completed": ("Vehicles completed", "下线车辆"),
    "vehicles_good": ("Good vehicles", "合格车辆"),
    "plan_attainment": ("Plan attainment", "计划达成率"),
    "wip": ("Vehicles in the line", "在制车辆"),
    "lead_time": ("Lead time", "在线时间"),
    "jph": ("Vehicles per hour", "小时产量"),
    "throughput": ("Throughput", "产出率"),
    "takt_attainment": ("Takt attainment", "节拍达成率"),
    "line_balance": ("Line balance", "线平衡率"),
    "availability": ("Availability", "可用率"),
    "effectiveness": ("Effectiveness", "性能率"),
    "utilisation": ("Utilisation", "利用率"),
    "allocation": ("Allocation", "占用率"),
    "technical_efficiency": ("Technical efficiency", "技术效率"),
    "oee": ("OEE", "设备综合效率"),
    "nee": ("NEE", "设备净效率"),
    "quality_ratio": ("Good share", "合格率"),
    "first_time_through": ("First time through", "一次通过率"),
    "energy_total": ("Energy", "总能耗"),
    "energy_per_vehicle": ("Energy per vehicle", "单车能耗"),
    "idle_energy_share": ("Idle energy", "空闲能耗占比"),
    "value_adding_share": ("Processing energy", "加工能耗占比"),
    "base_load": ("Base load", "基础负荷"),
    "peak_demand": ("Peak, 15 min", "15 分钟峰值"),
    "load_factor": ("Load factor", "负荷率"),
    "renewable_share": ("Renewable power", "可再生电力占比"),
    "self_consumption": ("PV self-consumption", "光伏自用率"),
    "kgce_per_vehicle": ("Standard coal per vehicle", "单车标准煤"),
    "cost_per_vehicle": ("Energy cost per vehicle", "单车能源费用"),
    "water_per_vehicle": ("Water per vehicle", "单车耗水"),
    "carbon_total": ("Carbon", "总碳排放"),
    "carbon_per_vehicle": ("Carbon per vehicle", "单车碳排放"),
    "voc_per_vehicle": ("VOC per vehicle", "单车挥发性有机物"),
}
THEMES: Mapping[str, Pair] = {
    "production": ("Production", "生产"),
    "quality": ("Quality", "质量"),
    "energy": ("Energy", "能源"),
    "carbon": ("Carbon", "碳排放"),
}
EVIDENCE: Mapping[str, Pair] = {
    "measured": ("measured", "实测"),
    "estimated": ("estimated", "估算"),
    "modelled": ("modelled", "模型"),
}
FACTOR_EVIDENCE: Mapping[str, Pair] = {
    "supplied": ("supplied", "自行提供"),
    "seen": ("seen in a copy", "见于副本"),
    "recalled": ("recalled", "凭记忆"),
    "computed": ("computed", "计算"),
    "estimated": ("estimated", "估算"),
}
CARRIERS: Mapping[str, Pair] = {
    "electricity": ("electricity", "电"),
    "natural_gas": ("natural gas", "天然气"),
    "lpg": ("LPG", "液化石油气"),
    "diesel": ("diesel", "柴油"),
    "heat": ("heat", "热力"),
    "steam": ("steam", "蒸汽"),
    "compressed_air": ("compressed air", "压缩空气"),
    "chilled_water": ("chilled water", "冷冻水"),
    "hot_water": ("hot water", "热水"),
    "water": ("water", "水"),
    "voc": ("VOC", "挥发性有机物"),
}
FACTOR_CARRIERS: Mapping[str, Pair] = {**CARRIERS, "pv": ("own PV", "自有光伏")}
END_USES: Mapping[str, Pair] = {
    "painting": ("painting", "涂装"),
    "hvac": ("ventilation and cooling", "通风与空调"),
    "heating": ("heating", "供热"),
    "material_handling": ("material handling", "物料搬运"),
    "welding": ("welding", "焊接"),
    "compressed_air": ("compressed air", "压缩空气"),
    "lighting": ("lighting", "照明"),
    "process": ("process", "工艺"),
    "other": ("other", "其他"),
}
UNITS: Mapping[str, Pair] = {
    "vehicles": ("vehicles", "辆"),
    "1/h": ("per h", "辆/小时"),
    "min": ("min", "分钟"),
    "m3": ("m³", "m³"),
    "kg CO2e": ("kg CO₂e", "kg CO₂e"),
    "t CO2e": ("t CO₂e", "t CO₂e"),
}
SHIFTS: Mapping[str, Pair] = {
    "early": ("early shift", "早班"),
    "late": ("late shift", "中班"),
    "night": ("night shift", "夜班"),
    "day": ("day shift", "白班"),
}
BOOKS: Mapping[str, Pair] = {
    "location": ("Location-based", "基于位置"),
    "market": ("Market-based", "基于市场"),
    "product": ("Product (life cycle)", "产品（生命周期）"),
}
METHODS: Mapping[str, Pair] = {
    "active_period": ("longest active period", "活动时间最长"),
    "turning_point": ("turning point from blocked to starved", "堵塞转为待料的转折点"),
}
CAUSES: Mapping[str, Pair] = {
    "failed": ("failure", "故障"),
    "setup": ("setup", "换型"),
    "held": ("held", "内部暂停"),
    "warming_up": ("warming up", "预热"),
    "handling": ("loading and unloading", "上下件"),
    "break": ("break", "休息"),
    "off_shift": ("off shift", "非班次时间"),
    "cycle": ("its cycle", "节拍"),
    "no_release": ("nothing released", "无投产"),
    "no_demand": ("nothing asked of it", "无需求"),
    "unknown": ("not known", "未知"),
}
FINDINGS: Mapping[str, Pair] = {
    "signature": ("changed signature", "能耗特征变化"),
    "standby": ("standby power", "待机功率变化"),
    "idle": ("idle power", "空闲功率变化"),
    "base_load": ("growing base load", "基础负荷增长"),
    "drift": ("drift", "能耗漂移"),
}
DOUBTS: Mapping[str, Pair] = {
    "short_baseline": ("little was seen of the time before", "变化前的观测时间很短"),
    "shared_meter": (
        "stations share this meter: which one is not told",
        "多工位共用此表，无法区分",
    ),
    "other_causes": ("other causes moved along", "与其他因素同步变化，难以区分"),
}
VERDICTS: Mapping[str, Pair] = {
    "met": ("✓ on target", "✓ 达标"),
    "above": ("▲ above target", "▲ 高于目标"),
    "below": ("▼ below target", "▼ 低于目标"),
    "": ("", ""),
}
TEXTS: Mapping[str, Pair] = {
    "title": ("Energy and carbon report", "能源与碳排放报告"),
    "sentence": (
        "Every metered kWh ends on a vehicle or on a named loss, with its evidence.",
        "每一千瓦时的计量能量都归到一辆车或一项明确的损失，并注明依据。",
    ),
    "line": ("Line", "产线"),
    "period": ("Period, plant time", "时段（工厂时间）"),
    "period_utc": ("Period, UTC", "时段（UTC）"),
    "duration": ("Duration", "时长"),
    "shift": ("Shift", "班次"),
    "to": ("{begin} to {end}", "{begin} 至 {end}"),
    "no_period": ("no session in the log", "日志中没有会话"),
    "data": ("Completeness of data", "数据完整性"),
    "data_line": (
        "{samples} samples, {bad} bad, {gaps} gaps; data for {covered} of the period",
        "{samples} 个样本，坏值 {bad} 个，中断 {gaps} 次；数据覆盖时段的 {covered}",
    ),
    "data_line_one": (
        "{samples} samples, {bad} bad, 1 gap; data for {covered} of the period",
        "{samples} 个样本，坏值 {bad} 个，中断 1 次；数据覆盖时段的 {covered}",
    ),
    "evidence_line": ("{shares} of the energy", "能量：{shares}"),
    "flaw": ("{n} {what}", "{what} {n} 个"),
    "factors": ("Emission factors in force", "所用排放因子"),
    "factor": ("Factor", "因子"),
    "carrier": ("Carrier", "能源"),
    "kg_per_kwh": ("kg/kWh", "kg/kWh"),
    "gas": ("Gas", "气体"),
    "data_year": ("Data year", "数据年份"),
    "published": ("Published", "发布日期"),
    "known": ("Known how", "来历"),
    "cost_line": ("Energy cost: {amount}", "能源费用：{amount}"),
    "more_gaps": ("and {n} more, listed below", "另有 {n} 次，详见下文"),
    "watch": ("What draws more than its model", "能耗异常监测"),
    "no_findings": (
        "Nothing drew more than its own model says.",
        "未发现能耗偏离自身模型。",
    ),
    "watch_note": (
        "Measured less modelled; the model of each is learnt from this log. "
        "± is one standard error; the confidence is that of a change worth saying.",
        "实测值减模型值；各模型由本日志学习得到。± 为一倍标准误差；置信度指变化值得关注的可能性。",
    ),
    "where": ("Where", "位置"),
    "watch_since": ("Since", "开始"),
    "watch_until": ("Until", "结束"),
    "goes_on": ("goes on", "仍在持续"),
    "watch_share": ("Change", "变化"),
    "watch_kw": ("Now, kW", "当前 kW"),
    "watch_kwh": ("So far, kWh", "累计 kWh"),
    "watch_confidence": ("Confidence", "置信度"),
    "watch_doubt": ("Cannot be told", "无法判断"),
    "separator": ("; ", "；"),
    "comma": (", ", "，"),
    "gap_label": ("Gaps", "中断"),
    "recovered_label": ("Recovered", "恢复"),
    "recovered_line": ("{n} samples from a log that was cut off", "自被截断的日志恢复 {n} 个样本"),
    "lost_label": ("Lost", "丢失"),
    "lost_line": (
        "{n} samples of a damaged or cut log do not read any more: figures are incomplete",
        "日志受损或被截断，{n} 个样本无法读取：数据不完整",
    ),
    "gap_line": ("{source}: {begin} to {end} ({length})", "{source}：{begin} 至 {end}（{length}）"),
    "open": ("still open", "仍未恢复"),
    "kpis": ("Key figures", "关键指标"),
    "kpi": ("Figure", "指标"),
    "id": ("Id", "标识"),
    "value": ("Value", "值"),
    "unit": ("Unit", "单位"),
    "target": ("Target", "目标"),
    "against": ("Against target", "与目标相比"),
    "evidence": ("Evidence", "依据"),
    "measured_share": ("Measured", "实测占比"),
    "measured_percent": ("Measured, %", "实测占比，%"),
    "scope": ("Scope", "范围"),
    "theme": ("Theme", "主题"),
    "kpis_by": ("Key figures by time and place", "按时间与地点的关键指标"),
    "by_shift": ("By shift", "按班次"),
    "by_hour": ("By hour of plant time", "按小时（工厂时间）"),
    "hour": ("Hour", "小时"),
    "workshop": ("Workshop", "车间"),
    "target_is": ("target {value}", "目标 {value}"),
    "energy": ("Energy", "能源"),
    "energy_unit": ("kWh, fuels by their lower heating value", "kWh，燃料按低位发热量"),
    "by_carrier": ("By carrier", "按能源种类"),
    "by_workshop": ("By workshop", "按车间"),
    "by_station": ("By station and meter", "按工位与计量表"),
    "by_state": ("By state of the station", "按工位状态"),
    "by_end_use": ("By end use", "按用途"),
    "by_evidence": ("By evidence", "按依据"),
    "plant_level": ("plant", "全厂"),
    "rest_of": ("rest of {meter}", "{meter} 余量"),
    "account": ("Where the energy went", "能量去向"),
    "on_vehicles": ("on completed vehicles", "已下线车辆"),
    "wip_close": ("in progress at the end", "期末在制"),
    "wip_open": ("brought in by vehicles from the log before", "期初在制（自上一日志带入）"),
    "losses": ("losses, on no vehicle", "损失（不归任何车辆）"),
    "meters_only": ("on no vehicle, as there are meters only", "不归任何车辆（仅有计量表）"),
    "unexplained": ("unexplained", "未解释"),
    "total": ("Total", "合计"),
    "metered": ("metered at the boundary", "边界计量"),
    "balance": (
        "Balance, booked against a recount of the boundary meters: {errors}.",
        "能量平衡（入账与边界计量表独立复算之差）：{errors}。",
    ),
    "balance_item": ("{carrier} {error}", "{carrier} {error}"),
    "balance_note": (
        "Relative error; at most 10⁻⁹ is a closed balance.",
        "相对误差；不超过 10⁻⁹ 即为平衡。",
    ),
    "per_vehicle": ("Per completed vehicle", "单台下线车辆"),
    "per_vehicle_note": (
        "Over the {n} good vehicles whose every visit lies inside the log.",
        "统计全部工位停留均在日志之内的 {n} 辆合格车。",
    ),
    "quantity": ("Quantity", "量"),
    "mean": ("Mean", "平均"),
    "energy_kwh": ("Energy, kWh", "能量，kWh"),
    "carbon_kg": ("Carbon, location-based, kg CO₂e", "碳排放（基于位置），kg CO₂e"),
    "completed": ("completed", "下线"),
    "good": ("good", "合格"),
    "rework": ("reworked", "返修"),
    "scrap": ("scrapped", "报废"),
    "variant": ("Variant", "车型"),
    "carbon": ("Carbon", "碳排放"),
    "book": ("Book", "核算口径"),
    "scope1": ("Scope 1, kg", "范围一，kg"),
    "scope2": ("Scope 2, kg", "范围二，kg"),
    "total_kg": ("Total, kg", "合计，kg"),
    "per_good": ("Per good vehicle, kg", "每辆合格车，kg"),
    "carbon_note": (
        "kg CO₂e, side by side and never added. Scope 1: fuels; scope 2: purchased electricity, "
        "heat and steam. A dash: the book has no factor.",
        "kg CO₂e，各口径并列，不可相加。范围一：燃料；范围二：外购电力、热力与蒸汽。"
        "短横线表示该口径没有因子。",
    ),
    "cost": ("Energy cost", "能源费用"),
    "secondary": ("Other media", "其他介质"),
    "meter": ("Meter", "计量表"),
    "medium": ("Medium", "介质"),
    "amount": ("Amount", "数量"),
    "losses_of_time": ("Downtime and bottleneck", "停机与瓶颈"),
    "downtime": ("Downtime", "停机"),
    "no_downtime": ("No station was down.", "没有工位停机。"),
    "station": ("Station", "工位"),
    "bottleneck": ("Bottleneck", "瓶颈"),
    "bottleneck_is": (
        "Likely bottleneck: {station}, by the {method}; certainty {certainty}.",
        "可能的瓶颈：{station}（判据：{method}；把握程度：{certainty}）。",
    ),
    "losses_by_cause": ("Losses by cause", "按原因的损失"),
    "losses_note": (
        "What each cause took, at its own station and at those that waited for it: minutes of all "
        "places, vehicles that the bottleneck did not make, and energy drawn meanwhile. The same "
        "energy as in the other cuts, never added to it.",
        "各原因造成的损失，含其自身工位及等待它的工位：全部工位位置的分钟数、瓶颈少产的车辆数，"
        "以及其间的能耗。与其他口径为同一能量，不可相加。",
    ),
    "cause": ("Cause", "原因"),
    "lost_minutes": ("Minutes", "分钟"),
    "lost_vehicles": ("Vehicles", "车辆"),
    "lost_kg": ("kg CO₂e, location", "kg CO₂e（基于位置）"),
    "lost_money": ("Cost, {currency}", "费用，{currency}"),
    "other_causes": ("{n} other causes", "其他 {n} 项原因"),
    "standstill": ("Drawn while standing by plan", "计划停产期间的能耗"),
    "standing_minutes": ("Length, min", "时长，min"),
    "stations_kwh": ("Stations, kWh", "工位，kWh"),
    "base_kwh": ("Beside them, kWh", "工位以外，kWh"),
    "bottleneck_by_hour": ("Bottleneck by hour", "逐小时瓶颈"),
    "certainty": ("Certainty", "把握程度"),
    "no_bottleneck": ("Bottleneck: not known.", "瓶颈：未知。"),
    "mean_active": ("Mean active period, s", "平均活动时间，s"),
    "vehicles": ("Vehicles", "车辆"),
    "quality": ("Data and metering", "数据与计量"),
    "samples": ("samples", "样本"),
    "bad": ("bad", "坏值"),
    "uncertain": ("uncertain", "不确定"),
    "late": ("late", "迟到"),
    "duplicates": ("duplicates", "重复"),
    "gaps": ("gaps", "中断"),
    "dropped": ("dropped by a full queue", "队列满而丢弃"),
    "recovered": ("recovered from a cut log", "自中断日志恢复"),
    "rollovers": ("counter rollovers", "计数器翻转"),
    "resets": ("counter resets", "计数器复位"),
    "negative_rests": ("negative rests (metering faults)", "负余量（计量故障）"),
    "count": ("Count", "数量"),
    "what": ("What", "项目"),
    "source": ("Source", "来源"),
    "begin": ("Begin, plant time", "开始（工厂时间）"),
    "end": ("End, plant time", "结束（工厂时间）"),
    "length": ("Length", "时长"),
    "gap_note": (
        "What counters counted across a gap is booked, spread over it as an estimate.",
        "中断期间计数器累计的能量照常入账，并按估算分摊到中断时段。",
    ),
    "no_gaps": ("No gap in the data.", "数据无中断。"),
    "digest": ("Log digest", "日志摘要"),
    "digest_note": (
        "Over the log's ordered content: the same content gives the same digest and this same "
        "report.",
        "依据日志的有序内容计算：内容相同，则摘要与本报告均相同。",
    ),
    "share_percent": ("Share, %", "占比，%"),
    "energy_kwh_title": ("Energy, kWh", "能量，kWh"),
    "balance_title": ("Balance", "能量平衡"),
    "relative_error": ("Relative error", "相对误差"),
    "scope1_co2e": ("Scope 1, kg CO₂e", "范围一，kg CO₂e"),
    "scope2_co2e": ("Scope 2, kg CO₂e", "范围二，kg CO₂e"),
    "total_co2e": ("Total, kg CO₂e", "合计，kg CO₂e"),
    "per_good_co2e": ("Per good vehicle, kg CO₂e", "每辆合格车，kg CO₂e"),
    "downtime_s": ("Downtime, s", "停机，s"),
    "length_s": ("Length, s", "时长，s"),
    "cut": ("Cut", "分类"),
    "name": ("Name", "名称"),
    "state": ("State", "状态"),
    "schema": ("Format", "格式"),
    "sheet_summary": ("summary", "概要"),
    "sheet_kpis": ("kpis", "指标"),
    "sheet_energy": ("energy", "能源"),
    "sheet_carbon": ("carbon", "碳排放"),
    "sheet_downtime": ("downtime", "停机"),
    "sheet_quality": ("quality", "数据质量"),
    "sheet_scopes": ("kpis by scope", "分项指标"),
}
LESS_IS_BETTER = frozenset(
    (
        "energy_per_vehicle",
        "carbon_per_vehicle",
        "idle_energy_share",
        "base_load",
        "peak_demand",
        "energy_total",
        "carbon_total",
        "lead_time",
        "kgce_per_vehicle",
        "cost_per_vehicle",
        "water_per_vehicle",
        "voc_per_vehicle",
    )
)
MORE_IS_BETTER = frozenset(
    (
        "vehicles_completed",
        "vehicles_good",
        "plan_attainment",
        "jph",
        "throughput",
        "takt_attainment",
        "line_balance",
        "availability",
        "effectiveness",
        "utilisation",
        "allocation",
        "technical_efficiency",
        "oee",
        "nee",
        "quality_ratio",
        "first_time_through",
        "value_adding_share",
        "load_factor",
        "renewable_share",
        "self_consumption",
    )
)


class Words:
    """One language's words; ids that have none are shown as they are, underscores as spaces."""

    def __init__(self, language: Language, line: Line) -> None:
        self.language = language
        self._number = 0 if language == "en" else 1
        self._names: dict[tuple[str, str], Names] = {}
        for kind, things in (
            ("station", line.stations),
            ("workshop", line.workshops),
            ("variant", line.variants),
        ):
            self._names |= {(kind, thing.id): thing.names for thing in things}
        self._rests = {meter.parent for meter in line.meters}

    def __call__(self, key: str, **values: object) -> str:
        """A phrase of TEXTS with its values filled in."""
        phrase = (TEXTS.get(key) or economy_words.TEXTS[key])[self._number]
        return phrase.format(**values) if values else phrase

    def of(self, table: Mapping[str, Pair], id_: str) -> str:
        """The word for an id in one of the tables above."""
        return table[id_][self._number] if id_ in table else id_.replace("_", " ")

    def name(self, names: Names) -> str:
        """A thing's name."""
        return names.en if self.language == "en" else names.zh

    def variant(self, id_: str) -> str:
        """A variant's name."""
        return self._named("variant", id_, "{name}")

    def workshop(self, id_: str) -> str:
        """A workshop's name; "plant" for what belongs to none."""
        return self._named("workshop", id_, "{name}", self("plant_level"))

    def place(self, id_: str) -> str:
        """A station's id and name, the meter that a cell is the rest of, or "unexplained"."""
        if id_ == "unexplained":
            return self(id_)
        other = self("rest_of", meter=id_) if id_ in self._rests else id_
        return self._named("station", id_, "{id} {name}", other)

    def _named(self, kind: str, id_: str, pattern: str, other: str | None = None) -> str:
        names = self._names.get((kind, id_))
        if names is None:
            return self.of(STATES, id_) if other is None else other
        return pattern.format(id=id_, name=self.name(names))
