"""The words of a passport in both languages; names of things are those of the report."""

from __future__ import annotations

from collections.abc import Mapping

from ui.reports.phrases import Pair

TEXTS: Mapping[str, Pair] = {
    "title": ("Vehicle passport", "车辆护照"),
    "sentence": (
        "What this vehicle took in the plant, where, and how that is known.",
        "本车在工厂消耗的能源、发生的位置及其依据。",
    ),
    "vehicle": ("Vehicle", "车辆"),
    "variant": ("Variant", "车型"),
    "status": ("Status", "状态"),
    "good": ("completed, good", "已下线，合格"),
    "scrapped": ("scrapped", "报废"),
    "in_progress": ("in progress", "在制"),
    "reworked": ("reworked", "经过返修"),
    "on_line": ("On the line, plant time", "在线时间（工厂时间）"),
    "unseen": ("before the log", "早于日志"),
    "logs": ("Logs", "日志"),
    "complete": ("Account", "账目"),
    "is_complete": (
        "complete: every visit lies in these logs",
        "完整：全部工位停留均在日志之内",
    ),
    "is_partial": (
        "partial: a part of its way lies outside these logs",
        "不完整：部分过程在日志之外",
    ),
    "is_final": ("final", "最终"),
    "is_provisional": ("provisional: shared energy may still move", "暂定：分摊能量仍可能变动"),
    "parts_unknown": (
        "It took a part that no log saw made: what that part took is not in it.",
        "有零件的制造未被任何日志记录，其能耗不在本账目中。",
    ),
    "energy": ("Energy", "能量"),
    "carbon": ("Carbon, location-based", "碳排放（基于位置）"),
    "carbon_product": ("Carbon, product view", "碳排放（产品口径）"),
    "upstream_tile": ("Upstream material", "上游材料"),
    "account": ("Energy account", "能量账目"),
    "account_note": (
        "kWh, fuels by their lower heating value. Direct: drawn while a station processed it or a"
        " part of it. Shared: its share of what nobody draws alone. Scrap: what scrapped and"
        " reworked bodies cost the good ones, less what it handed on itself.",
        "kWh，燃料按低位发热量。直接：工位加工本车或其零件时的消耗。分摊：其应分摊的公共消耗。"
        "报废：报废与返修车身摊到合格车上的消耗，减去本车转出的部分。",
    ),
    "carrier": ("Carrier", "能源"),
    "direct": ("Direct", "直接"),
    "shared": ("Shared", "分摊"),
    "scrap": ("Scrap", "报废"),
    "total": ("Total", "合计"),
    "evidence": ("Evidence", "依据"),
    "by_workshop": ("By workshop, kWh", "按车间，kWh"),
    "by_station": ("By station and meter", "按工位与计量表"),
    "station": ("Station", "工位"),
    "kwh_direct": ("Direct, kWh", "直接，kWh"),
    "kwh_shared": ("Shared, kWh", "分摊，kWh"),
    "kg_location": ("kg CO₂e, location", "kg CO₂e（位置）"),
    "earlier": ("from earlier logs", "自早前日志带入"),
    "scrap_row": ("scrap and rework", "报废与返修"),
    "books": ("Carbon in the plant", "工厂内碳排放"),
    "book": ("Book", "核算口径"),
    "books_note": (
        "kg CO₂e, side by side and never added. A dash: the book has no factor.",
        "kg CO₂e，各口径并列，不可相加。短横线表示该口径没有因子。",
    ),
    "factors": ("Emission factors in force", "所用排放因子"),
    "boundary": ("How far this reaches", "核算边界"),
    "gate-to-gate": (
        "Gate to gate: what happened in the plant alone. This is a partial footprint (ISO 14067):"
        " material, use and end of life are not in it.",
        "门到门：仅含工厂内部。这是部分足迹（ISO 14067），不含材料、使用与报废阶段。",
    ),
    "cradle-to-gate": (
        "Cradle to gate: material by the bill of material, and the plant. Use and end of life are"
        " not in it.",
        "摇篮到门：含物料清单所列材料与工厂内部；不含使用与报废阶段。",
    ),
    "cradle_sum": (
        "Material and plant (product view) together: {kg} kg CO₂e.",
        "材料与工厂（产品口径）合计：{kg} kg CO₂e。",
    ),
    "parts": ("Parts built in", "装入的零件"),
    "parts_note": (
        "Which part went into it is inferred from the order at the racks; their energy is in the"
        " account above.",
        "零件归属由料架进出顺序推断；其能耗已计入上述账目。",
    ),
    "part": ("Part", "零件"),
    "at": ("Joined at", "装入工位"),
    "when": ("When, plant time", "时间（工厂时间）"),
    "kwh": ("kWh", "kWh"),
    "route": ("Route", "路线"),
    "workshop": ("Workshop", "车间"),
    "enter": ("Enter, plant time", "进入（工厂时间）"),
    "leave": ("Leave, plant time", "离开（工厂时间）"),
    "stay": ("Stay", "停留"),
    "still": ("still there", "仍在"),
    "upstream": ("Upstream material", "上游材料"),
    "upstream_none": ("Not known: no bill of material.", "未知：没有物料清单。"),
    "upstream_line_file": (
        "{kg} kg CO₂e by the line file's one figure for the variant; its parts are not known.",
        "{kg} kg CO₂e，来自产线文件中该车型的单一数值；零件未知。",
    ),
    "upstream_bom": (
        "{kg} kg CO₂e by the bill {file}: {known} of {all} parts have a figure.",
        "{kg} kg CO₂e，依据物料清单 {file}：{all} 项中 {known} 项有数值。",
    ),
    "mass": ("Mass, kg", "质量，kg"),
    "material": ("Material", "材料"),
    "recycled": ("Recycled", "再生比例"),
    "kg": ("kg CO₂e", "kg CO₂e"),
    "basis": ("By", "依据"),
    "footprint": ("supplier's footprint", "供应商足迹"),
    "own": ("own factor", "自有因子"),
    "use": ("Use phase (scenario)", "使用阶段（情景）"),
    "use_line": (
        "{kg} kg CO₂e over {km} km: {kwh} kWh and {litres} l per 100 km. A scenario, not part of"
        " the account.",
        "{km} km 行驶 {kg} kg CO₂e：每百公里 {kwh} kWh、{litres} L。情景数据，不计入账目。",
    ),
    "grid_line": ("Grid, kg CO₂e/kWh: {years}", "电网，kg CO₂e/kWh：{years}"),
    "end": ("End of life (scenario)", "报废阶段（情景）"),
    "end_line": ("{kg} kg CO₂e. A scenario, not part of the account.", "{kg} kg CO₂e。情景数据。"),
    "pact": ("For partners (PACT v3)", "供合作方使用（PACT v3）"),
    "pact_there": (
        "The JSON passport holds a PACT v3 footprint under the key pact.",
        "JSON 护照的 pact 键含有 PACT v3 足迹。",
    ),
    "pact_not": ("No PACT v3 footprint: {reasons}.", "无 PACT v3 足迹：{reasons}。"),
    "digest": ("Log digest", "日志摘要"),
    "digest_note": (
        "Over the ordered content of the last log: the same logs give this same passport.",
        "依据最后一个日志的有序内容：相同日志得到相同护照。",
    ),
}
MISSING: Mapping[str, Pair] = {
    "bom": ("there is no bill of material", "没有物料清单"),
    "bom_incomplete": ("the bill of material is not complete", "物料清单不完整"),
    "country": ("the bill names no country", "清单未注明国家"),
    "fossil_carbon": ("the bill gives no fossil carbon content", "清单未给出化石碳含量"),
    "mass": ("the line file gives no mass_kg for the variant", "产线文件未给出该车型质量"),
    "product_factor": ("the product view has no factor", "产品口径没有因子"),
    "not_good": ("the vehicle is not completed as good", "车辆未合格下线"),
    "not_complete": ("its account is not complete", "账目不完整"),
    "not_final": ("its account is provisional", "账目为暂定"),
}
