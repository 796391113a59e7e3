<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>Alarm</name>
    <message>
        <source>Station failed</source>
        <translation>工位故障</translation>
    </message>
    <message>
        <source>Signal bad</source>
        <translation>信号无效</translation>
    </message>
    <message>
        <source>Signal late</source>
        <translation>信号迟到</translation>
    </message>
    <message>
        <source>Signal frozen</source>
        <translation>信号冻结</translation>
    </message>
    <message>
        <source>Connection lost</source>
        <translation>连接中断</translation>
    </message>
    <message>
        <source>Clock jumps</source>
        <translation>时钟跳变</translation>
    </message>
    <message>
        <source>Samples dropped</source>
        <translation>样本被丢弃</translation>
    </message>
    <message>
        <source>Log not written</source>
        <translation>日志无法写入</translation>
    </message>
    <message>
        <source>Meter runs backwards</source>
        <translation>计量表倒走</translation>
    </message>
    <message>
        <source>Sub-meters exceed their meter</source>
        <translation>分表之和超过总表</translation>
    </message>
    <message>
        <source>Draws other than its model</source>
        <translation>用能偏离模型</translation>
    </message>
    <message>
        <source>Carbon budget exceeded</source>
        <translation>碳预算超支</translation>
    </message>
    <message>
        <source>Alarm flood</source>
        <translation>报警泛滥</translation>
    </message>
    <message>
        <source>Send maintenance to the station.</source>
        <translation>派维修人员到该工位。</translation>
    </message>
    <message>
        <source>Check the sensor and its PLC channel; figures that rest on it are estimates.</source>
        <translation>检查传感器及其 PLC 通道；依赖它的数值为估算值。</translation>
    </message>
    <message>
        <source>Check the device and its network; the PLC answers.</source>
        <translation>检查设备及其网络；PLC 仍有应答。</translation>
    </message>
    <message>
        <source>Check whether the device still measures: its value does not move.</source>
        <translation>检查设备是否仍在测量：数值没有变化。</translation>
    </message>
    <message>
        <source>Check the server and the network; it is tried again all the time.</source>
        <translation>检查服务器和网络；程序会一直重试。</translation>
    </message>
    <message>
        <source>Check the time service of the PLC.</source>
        <translation>检查 PLC 的对时服务。</translation>
    </message>
    <message>
        <source>Close other programs, or take longer sampling times in the line file.</source>
        <translation>关闭其他程序，或在产线文件中加大采样时间。</translation>
    </message>
    <message>
        <source>Make room on the disk; samples wait in memory until then.</source>
        <translation>清理磁盘空间；在此之前样本保存在内存中。</translation>
    </message>
    <message>
        <source>Check the meter&apos;s wiring or its direction.</source>
        <translation>检查计量表的接线或方向。</translation>
    </message>
    <message>
        <source>Check the meters&apos; ratios, and whether the parent in the line file is right.</source>
        <translation>检查各表的变比，以及产线文件中的 parent 是否正确。</translation>
    </message>
    <message>
        <source>Look for leaks, wear or a changed setting at this place.</source>
        <translation>在该处查找泄漏、磨损或被改动的设定。</translation>
    </message>
    <message>
        <source>Look at the losses: what idles or heats without vehicles can be switched off.</source>
        <translation>查看损失：没有车辆时空转或加热的设备可以关闭。</translation>
    </message>
</context>
<context>
    <name>AlarmState</name>
    <message>
        <source>normal</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>new</source>
        <translation>新报警</translation>
    </message>
    <message>
        <source>acknowledged</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>over, not acknowledged</source>
        <translation>已消失，未确认</translation>
    </message>
    <message>
        <source>shelved</source>
        <translation>已搁置</translation>
    </message>
    <message>
        <source>out of service</source>
        <translation>已停用</translation>
    </message>
    <message>
        <source>suppressed by design</source>
        <translation>按设计抑制</translation>
    </message>
</context>
<context>
    <name>Alarms</name>
    <message>
        <source>Priority</source>
        <translation>优先级</translation>
    </message>
    <message>
        <source>Alarm</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>起始</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>当前</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>限值</translation>
    </message>
    <message>
        <source>{state} · first</source>
        <translation>{state} · 首发</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>By</source>
        <translation>操作人</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Written: {n} rows to {path}</source>
        <translation>已写入 {n} 行：{path}</translation>
    </message>
    <message>
        <source>Alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>To attend to</source>
        <translation>待处理</translation>
    </message>
    <message>
        <source>Not acknowledged</source>
        <translation>未确认</translation>
    </message>
    <message>
        <source>Set aside</source>
        <translation>搁置</translation>
    </message>
    <message>
        <source>Journal</source>
        <translation>报警记录</translation>
    </message>
    <message>
        <source>Alarm KPIs</source>
        <translation>报警指标</translation>
    </message>
    <message>
        <source>Find an alarm</source>
        <translation>查找报警</translation>
    </message>
    <message>
        <source>Export …</source>
        <translation>导出 …</translation>
    </message>
    <message>
        <source>Raised in each ten minutes</source>
        <translation>每十分钟报警数</translation>
    </message>
    <message>
        <source>Figures and aims</source>
        <translation>指标与目标</translation>
    </message>
    <message>
        <source>Most frequent</source>
        <translation>最频繁</translation>
    </message>
    <message>
        <source>{n} standing, {new} not acknowledged</source>
        <translation>当前 {n} 个，未确认 {new} 个</translation>
    </message>
    <message>
        <source>{n} of {all} entries</source>
        <translation>{all} 条中的 {n} 条</translation>
    </message>
    <message>
        <source>▲ alarm flood: look at what came first</source>
        <translation>▲ 报警泛滥：先看首发报警</translation>
    </message>
    <message>
        <source>▲ The journal cannot be kept: {why}</source>
        <translation>▲ 报警记录无法保存：{why}</translation>
    </message>
    <message>
        <source>Nothing is set aside.</source>
        <translation>没有搁置的报警。</translation>
    </message>
    <message>
        <source>Nothing calls for you.</source>
        <translation>没有需要处理的报警。</translation>
    </message>
    <message>
        <source>The alarm</source>
        <translation>报警详情</translation>
    </message>
    <message>
        <source>Select an alarm to see what to do about it.</source>
        <translation>选择一个报警，查看处理办法。</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>处理办法</translation>
    </message>
    <message>
        <source>When raised</source>
        <translation>触发值</translation>
    </message>
    <message>
        <source>Raised at</source>
        <translation>触发时间</translation>
    </message>
    <message>
        <source>Over since</source>
        <translation>消失时间</translation>
    </message>
    <message>
        <source>So often</source>
        <translation>次数</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Shelve</source>
        <translation>搁置</translation>
    </message>
    <message>
        <source>Out of service</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Reason for setting it aside</source>
        <translation>搁置或停用的原因</translation>
    </message>
    <message>
        <source>Time on the shelf</source>
        <translation>搁置时间</translation>
    </message>
    <message>
        <source>The line file says nothing.</source>
        <translation>产线文件未说明。</translation>
    </message>
    <message>
        <source>the first of those that stand here</source>
        <translation>此处首发</translation>
    </message>
    <message>
        <source>until {time}</source>
        <translation>至 {time}</translation>
    </message>
    <message>
        <source>reason: {why}</source>
        <translation>原因：{why}</translation>
    </message>
    <message>
        <source>by {who}</source>
        <translation>操作人：{who}</translation>
    </message>
    <message>
        <source>Take off the shelf</source>
        <translation>取消搁置</translation>
    </message>
    <message>
        <source>Put back in service</source>
        <translation>恢复使用</translation>
    </message>
    <message>
        <source>▲ Say why, so that the next shift knows.</source>
        <translation>▲ 请说明原因，以便下一班了解。</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Aim</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>评价</translation>
    </message>
    <message>
        <source>✓ met</source>
        <translation>✓ 达标</translation>
    </message>
    <message>
        <source>▲ not met</source>
        <translation>▲ 未达标</translation>
    </message>
    <message>
        <source>Raised in ten minutes, mean</source>
        <translation>每十分钟报警数，平均</translation>
    </message>
    <message>
        <source>Raised in ten minutes, most</source>
        <translation>每十分钟报警数，最多</translation>
    </message>
    <message>
        <source>Time in flood</source>
        <translation>泛滥时间占比</translation>
    </message>
    <message>
        <source>Standing now</source>
        <translation>当前报警</translation>
    </message>
    <message>
        <source>Standing for over a day</source>
        <translation>超过一天的报警</translation>
    </message>
    <message>
        <source>Chattering (three times in a minute)</source>
        <translation>抖动（一分钟三次）</translation>
    </message>
    <message>
        <source>High and urgent of all raised</source>
        <translation>高和紧急的占比</translation>
    </message>
    <message>
        <source>Time to acknowledge, median</source>
        <translation>确认用时，中位数</translation>
    </message>
    <message>
        <source>Raised</source>
        <translation>次数</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>占比</translation>
    </message>
    <message>
        <source>{n} more</source>
        <translation>还有 {n} 个</translation>
    </message>
</context>
<context>
    <name>Band</name>
    <message>
        <source>critical peak</source>
        <translation>尖峰</translation>
    </message>
    <message>
        <source>peak</source>
        <translation>高峰</translation>
    </message>
    <message>
        <source>flat</source>
        <translation>平段</translation>
    </message>
    <message>
        <source>valley</source>
        <translation>低谷</translation>
    </message>
</context>
<context>
    <name>Carrier</name>
    <message>
        <source>electricity</source>
        <translation>电</translation>
    </message>
    <message>
        <source>natural gas</source>
        <translation>天然气</translation>
    </message>
    <message>
        <source>LPG</source>
        <translation>液化石油气</translation>
    </message>
    <message>
        <source>diesel</source>
        <translation>柴油</translation>
    </message>
    <message>
        <source>heat</source>
        <translation>热力</translation>
    </message>
    <message>
        <source>steam</source>
        <translation>蒸汽</translation>
    </message>
    <message>
        <source>compressed air</source>
        <translation>压缩空气</translation>
    </message>
    <message>
        <source>chilled water</source>
        <translation>冷冻水</translation>
    </message>
    <message>
        <source>hot water</source>
        <translation>热水</translation>
    </message>
    <message>
        <source>water</source>
        <translation>水</translation>
    </message>
    <message>
        <source>VOC</source>
        <translation>挥发性有机物</translation>
    </message>
</context>
<context>
    <name>Cause</name>
    <message>
        <source>failed</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>setup</source>
        <translation>换型</translation>
    </message>
    <message>
        <source>held</source>
        <translation>保持</translation>
    </message>
    <message>
        <source>warming up</source>
        <translation>预热</translation>
    </message>
    <message>
        <source>loading, unloading</source>
        <translation>上下件</translation>
    </message>
    <message>
        <source>break</source>
        <translation>休息</translation>
    </message>
    <message>
        <source>off shift</source>
        <translation>班次外</translation>
    </message>
    <message>
        <source>slower than its neighbours</source>
        <translation>慢于相邻工位</translation>
    </message>
    <message>
        <source>nothing released</source>
        <translation>无投放</translation>
    </message>
    <message>
        <source>nothing asked of it</source>
        <translation>无需求</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
</context>
<context>
    <name>Chart</name>
    <message>
        <source>What this is: {title}</source>
        <translation>说明：{title}</translation>
    </message>
    <message>
        <source>Of</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>target {value}</source>
        <translation>目标 {value}</translation>
    </message>
</context>
<context>
    <name>Connection</name>
    <message>
        <source>connecting</source>
        <translation>连接中</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>已连接</translation>
    </message>
    <message>
        <source>stale</source>
        <translation>数据陈旧</translation>
    </message>
    <message>
        <source>down</source>
        <translation>已断开</translation>
    </message>
    <message>
        <source>playing</source>
        <translation>播放中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>ended</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>出错</translation>
    </message>
</context>
<context>
    <name>EndUse</name>
    <message>
        <source>painting</source>
        <translation>涂装</translation>
    </message>
    <message>
        <source>ventilation, cooling</source>
        <translation>通风与制冷</translation>
    </message>
    <message>
        <source>heating</source>
        <translation>供热</translation>
    </message>
    <message>
        <source>material handling</source>
        <translation>物料搬运</translation>
    </message>
    <message>
        <source>welding</source>
        <translation>焊接</translation>
    </message>
    <message>
        <source>compressed air</source>
        <translation>压缩空气</translation>
    </message>
    <message>
        <source>lighting</source>
        <translation>照明</translation>
    </message>
    <message>
        <source>process</source>
        <translation>工艺</translation>
    </message>
    <message>
        <source>other</source>
        <translation>其他</translation>
    </message>
</context>
<context>
    <name>Energy</name>
    <message>
        <source>Metering point</source>
        <translation>计量点</translation>
    </message>
    <message>
        <source>Carrier</source>
        <translation>能源</translation>
    </message>
    <message>
        <source>Now kW</source>
        <translation>当前 kW</translation>
    </message>
    <message>
        <source>Mean kW</source>
        <translation>平均 kW</translation>
    </message>
    <message>
        <source>Metering points</source>
        <translation>计量点</translation>
    </message>
    <message>
        <source>select to see them as curves</source>
        <translation>选中即显示曲线</translation>
    </message>
    <message>
        <source>Balance</source>
        <translation>能量平衡</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>总计</translation>
    </message>
    <message>
        <source>Workshops</source>
        <translation>车间</translation>
    </message>
    <message>
        <source>End uses</source>
        <translation>用途</translation>
    </message>
    <message>
        <source>Carriers</source>
        <translation>能源</translation>
    </message>
    <message>
        <source>States</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Flow</source>
        <translation>流向</translation>
    </message>
    <message>
        <source>By hour</source>
        <translation>逐小时</translation>
    </message>
    <message>
        <source>Load duration</source>
        <translation>负荷持续</translation>
    </message>
    <message>
        <source>Cost and carbon</source>
        <translation>费用与碳</translation>
    </message>
    <message>
        <source>The parts could not be worked out: {fault}</source>
        <translation>无法计算构成：{fault}</translation>
    </message>
    <message>
        <source>rest of {meter}</source>
        <translation>{meter} 的余量</translation>
    </message>
    <message>
        <source>All energy from its sources through workshops and states of stations
to its ends, as in the report: on completed vehicles, on those in progress,
or lost, where the rules put it on no vehicle. What waits cost is on
vehicles too; the screen Losses says why it was drawn. Every column sums to
the total; what no meter accounts for is hatched: unexplained.</source>
        <translation>全部能量从来源经车间与工位状态流向终点，终点与报告一致：完工车辆、
在制车辆，或按规则未计入任何车辆的损失。等待的能耗也计入车辆，
其原因见“损失”画面。每一列之和等于总量；
没有表计能说明的部分以斜线表示：未解释。</translation>
    </message>
    <message>
        <source>Energy of each station and of each meter&apos;s rest by hour of the clock, kWh;
those with the most first. Darker is more.</source>
        <translation>各工位及各表计余量的逐小时能耗（kWh），由大到小排列，颜色越深越多。</translation>
    </message>
    <message>
        <source>Mean electric power that the plant used in each quarter of an hour, sorted:
for which share of the time it was at least so high. The right end is the
base load, the left one the peak.</source>
        <translation>工厂每 15 分钟平均用电功率由大到小排列：
有多大比例的时间功率不低于该值。右端为基础负荷，左端为峰值。</translation>
    </message>
    <message>
        <source>Purchased electricity by the band of its quarter of an hour, fuels at their
flat price; without demand charge. kg CO₂e per kWh is the mix of grid, own
PV and storage, location-based. Renewable: own PV kept, and purchases
under renewable contracts.</source>
        <translation>外购电按每 15 分钟所在时段计价，燃料按统一价；不含需量电费。
每 kWh 的 kg CO₂e 为电网、自有光伏与储能的混合，基于位置。
可再生：自用光伏与绿电合同购电。</translation>
    </message>
    <message>
        <source>Metered against booked, relative error</source>
        <translation>计量与入账之差（相对误差）</translation>
    </message>
    <message>
        <source>base, no station</source>
        <translation>基础，无工位</translation>
    </message>
    <message>
        <source>grid</source>
        <translation>电网</translation>
    </message>
    <message>
        <source>own PV</source>
        <translation>自有光伏</translation>
    </message>
    <message>
        <source>storage</source>
        <translation>储能</translation>
    </message>
    <message>
        <source>vehicles, direct</source>
        <translation>车辆，直接</translation>
    </message>
    <message>
        <source>vehicles, shared</source>
        <translation>车辆，分摊</translation>
    </message>
    <message>
        <source>in progress</source>
        <translation>在制</translation>
    </message>
    <message>
        <source>losses</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>费用</translation>
    </message>
    <message>
        <source>Electricity from</source>
        <translation>电力来源</translation>
    </message>
    <message>
        <source>No cost: the books name no tariff.</source>
        <translation>没有费用：账簿未指定电价。</translation>
    </message>
    <message>
        <source>exported</source>
        <translation>上网</translation>
    </message>
    <message>
        <source>demand charge of the month, apart</source>
        <translation>当月需量电费（另计）</translation>
    </message>
    <message>
        <source>renewable power {share}</source>
        <translation>可再生电力 {share}</translation>
    </message>
    <message>
        <source>mean {kg} kg CO₂e/kWh, location-based</source>
        <translation>平均 {kg} kg CO₂e/kWh，基于位置</translation>
    </message>
    <message>
        <source>a price was used before it was in force: estimated</source>
        <translation>使用了尚未生效的电价：估计值</translation>
    </message>
    <message>
        <source>Carbon of a kWh</source>
        <translation>每 kWh 的碳排放</translation>
    </message>
    <message>
        <source>into the storage</source>
        <translation>储能充电</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Energy by place and hour, kWh</source>
        <translation>各位置逐小时能耗，kWh</translation>
    </message>
    <message>
        <source>most: {place} {when}</source>
        <translation>最多：{place} {when}</translation>
    </message>
    <message>
        <source>Share of the time %</source>
        <translation>时间占比 %</translation>
    </message>
    <message>
        <source>greatest</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>half of the time</source>
        <translation>一半时间</translation>
    </message>
    <message>
        <source>always</source>
        <translation>始终</translation>
    </message>
    <message>
        <source>Load duration, kW: </source>
        <translation>负荷持续，kW：</translation>
    </message>
    <message>
        <source>{share} of the time at least {power}</source>
        <translation>{share} 的时间不低于 {power}</translation>
    </message>
    <message>
        <source>share of the time, quarters of an hour</source>
        <translation>时间占比（15 分钟）</translation>
    </message>
    <message>
        <source>From</source>
        <translation>自</translation>
    </message>
    <message>
        <source>To</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Energy from sources to its ends: </source>
        <translation>能量从来源到终点：</translation>
    </message>
    <message>
        <source>others</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>Power in stacked parts, kW: </source>
        <translation>堆叠功率，kW：</translation>
    </message>
    <message>
        <source>Power in parts</source>
        <translation>分项功率</translation>
    </message>
    <message>
        <source>Mean power of each quarter of an hour, all carriers, fuels by their lower
heating value. Drag to look closer, drag the window below, turn the wheel;
+, − and 0 do so too, a double click shows all. The grey strip is the tariff&apos;s
band: darker is dearer.</source>
        <translation>每 15 分钟的平均功率，含全部能源，燃料按低位热值。
拖动可放大，拖动下方窗口或转动滚轮亦可；+、− 和 0 键同样，双击显示全部。
灰色条为电价时段：颜色越深越贵。</translation>
    </message>
</context>
<context>
    <name>Evidence</name>
    <message>
        <source>measured</source>
        <translation>实测</translation>
    </message>
    <message>
        <source>estimated</source>
        <translation>估算</translation>
    </message>
    <message>
        <source>modelled</source>
        <translation>模型</translation>
    </message>
</context>
<context>
    <name>Help</name>
    <message>
        <source>this help</source>
        <translation>本帮助</translation>
    </message>
    <message>
        <source>overview</source>
        <translation>总览</translation>
    </message>
    <message>
        <source>KPIs</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>replay: go to a time of day</source>
        <translation>回放：跳到某一时刻</translation>
    </message>
    <message>
        <source>alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>energy</source>
        <translation>能源</translation>
    </message>
    <message>
        <source>losses</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>vehicles</source>
        <translation>车辆</translation>
    </message>
    <message>
        <source>signals and connections</source>
        <translation>信号与连接</translation>
    </message>
    <message>
        <source>reports</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>start page</source>
        <translation>起始页</translation>
    </message>
    <message>
        <source>back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>replay: play and pause</source>
        <translation>回放：播放与暂停</translation>
    </message>
    <message>
        <source>replay: step back and forward</source>
        <translation>回放：后退与前进一步</translation>
    </message>
    <message>
        <source>replay: to the event before and the next</source>
        <translation>回放：上一个与下一个事件</translation>
    </message>
    <message>
        <source>replay: bookmark this moment</source>
        <translation>回放：为此刻加书签</translation>
    </message>
    <message>
        <source>find anything; lists all keys</source>
        <translation>查找任何内容；列出所有按键</translation>
    </message>
    <message>
        <source>find in the table</source>
        <translation>在表格中查找</translation>
    </message>
    <message>
        <source>acknowledge the selected alarms</source>
        <translation>确认所选报警</translation>
    </message>
    <message>
        <source>export what is shown</source>
        <translation>导出当前内容</translation>
    </message>
    <message>
        <source>copy a chart&apos;s data; with Shift its picture</source>
        <translation>复制图表数据；加 Shift 复制图片</translation>
    </message>
    <message>
        <source>English or Chinese</source>
        <translation>中英文切换</translation>
    </message>
    <message>
        <source>light, dark, high contrast</source>
        <translation>浅色、深色、高对比度</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>Shapes</source>
        <translation>图形含义</translation>
    </message>
</context>
<context>
    <name>Journal</name>
    <message>
        <source>raised</source>
        <translation>触发</translation>
    </message>
    <message>
        <source>over</source>
        <translation>消失</translation>
    </message>
    <message>
        <source>acknowledged</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>shelved</source>
        <translation>已搁置</translation>
    </message>
    <message>
        <source>taken off the shelf</source>
        <translation>取消搁置</translation>
    </message>
    <message>
        <source>time on the shelf over</source>
        <translation>搁置到期</translation>
    </message>
    <message>
        <source>taken out of service</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>put back in service</source>
        <translation>恢复使用</translation>
    </message>
    <message>
        <source>suppressed by design</source>
        <translation>按设计抑制</translation>
    </message>
    <message>
        <source>no longer suppressed</source>
        <translation>解除抑制</translation>
    </message>
    <message>
        <source>flood begins</source>
        <translation>泛滥开始</translation>
    </message>
    <message>
        <source>flood is over</source>
        <translation>泛滥结束</translation>
    </message>
</context>
<context>
    <name>Kpi</name>
    <message>
        <source>Vehicles completed</source>
        <translation>下线车辆</translation>
    </message>
    <message>
        <source>Good vehicles</source>
        <translation>合格车辆</translation>
    </message>
    <message>
        <source>Plan attainment</source>
        <translation>计划达成率</translation>
    </message>
    <message>
        <source>Vehicles in the line</source>
        <translation>在制车辆</translation>
    </message>
    <message>
        <source>Lead time</source>
        <translation>在线时间</translation>
    </message>
    <message>
        <source>Throughput</source>
        <translation>产出率</translation>
    </message>
    <message>
        <source>Line balance</source>
        <translation>线平衡率</translation>
    </message>
    <message>
        <source>Availability</source>
        <translation>可用率</translation>
    </message>
    <message>
        <source>Effectiveness</source>
        <translation>性能率</translation>
    </message>
    <message>
        <source>Utilisation</source>
        <translation>利用率</translation>
    </message>
    <message>
        <source>Allocation</source>
        <translation>占用率</translation>
    </message>
    <message>
        <source>Technical efficiency</source>
        <translation>技术效率</translation>
    </message>
    <message>
        <source>NEE</source>
        <translation>设备净效率</translation>
    </message>
    <message>
        <source>Good share</source>
        <translation>合格率</translation>
    </message>
    <message>
        <source>First time through</source>
        <translation>一次通过率</translation>
    </message>
    <message>
        <source>Processing energy</source>
        <translation>加工能耗占比</translation>
    </message>
    <message>
        <source>VOC per vehicle</source>
        <translation>单车挥发性有机物</translation>
    </message>
    <message>
        <source>Vehicles per hour</source>
        <translation>小时产量</translation>
    </message>
    <message>
        <source>Takt attainment</source>
        <translation>节拍达成率</translation>
    </message>
    <message>
        <source>Energy per vehicle</source>
        <translation>单车能耗</translation>
    </message>
    <message>
        <source>Base load</source>
        <translation>基础负荷</translation>
    </message>
    <message>
        <source>Renewable power</source>
        <translation>可再生电力占比</translation>
    </message>
    <message>
        <source>PV self-consumption</source>
        <translation>光伏自用率</translation>
    </message>
    <message>
        <source>Standard coal per vehicle</source>
        <translation>单车标准煤</translation>
    </message>
    <message>
        <source>Energy cost per vehicle</source>
        <translation>单车能源费用</translation>
    </message>
    <message>
        <source>Water per vehicle</source>
        <translation>单车耗水</translation>
    </message>
    <message>
        <source>Carbon per vehicle</source>
        <translation>单车碳排放</translation>
    </message>
    <message>
        <source>Idle energy</source>
        <translation>空闲能耗占比</translation>
    </message>
    <message>
        <source>OEE</source>
        <translation>设备综合效率</translation>
    </message>
    <message>
        <source>Peak, 15 min</source>
        <translation>15 分钟峰值</translation>
    </message>
    <message>
        <source>Load factor</source>
        <translation>负荷率</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>总能耗</translation>
    </message>
    <message>
        <source>Carbon</source>
        <translation>总碳排放</translation>
    </message>
</context>
<context>
    <name>KpiFormula</name>
    <message>
        <source>vehicles that left the last station, good or not</source>
        <translation>离开最后工位的车辆，无论是否合格</translation>
    </message>
    <message>
        <source>of the completed vehicles those that were not rejected</source>
        <translation>下线车辆中未被判不合格者</translation>
    </message>
    <message>
        <source>good vehicles ÷ vehicles due by the shift&apos;s plan</source>
        <translation>合格车辆 ÷ 按班次计划应完成车辆</translation>
    </message>
    <message>
        <source>vehicles seen that have not left yet</source>
        <translation>已见到而尚未离线的车辆</translation>
    </message>
    <message>
        <source>mean of leaving − entering, of vehicles seen all the way</source>
        <translation>全程可见车辆的（离开 − 进入）平均值</translation>
    </message>
    <message>
        <source>completed vehicles ÷ planned time</source>
        <translation>下线车辆 ÷ 计划时间</translation>
    </message>
    <message>
        <source>completed vehicles ÷ the whole period, breaks and all</source>
        <translation>下线车辆 ÷ 整个时段（含休息）</translation>
    </message>
    <message>
        <source>completed vehicles × takt ÷ planned time</source>
        <translation>下线车辆 × 节拍 ÷ 计划时间</translation>
    </message>
    <message>
        <source>sum of the stations&apos; work per vehicle ÷ (stations × the longest)</source>
        <translation>各工位单车作业时间之和 ÷（工位数 × 最长者）</translation>
    </message>
    <message>
        <source>mean over the stations of processing time ÷ planned time</source>
        <translation>各工位（加工时间 ÷ 计划时间）的平均值</translation>
    </message>
    <message>
        <source>planned cycle × completed vehicles ÷ processing time</source>
        <translation>计划周期 × 下线车辆 ÷ 加工时间</translation>
    </message>
    <message>
        <source>mean over the stations of processing time ÷ time with an order</source>
        <translation>各工位（加工时间 ÷ 有任务时间）的平均值</translation>
    </message>
    <message>
        <source>mean over the stations of time with an order ÷ planned time</source>
        <translation>各工位（有任务时间 ÷ 计划时间）的平均值</translation>
    </message>
    <message>
        <source>mean over the stations of processing time ÷ (processing + delays)</source>
        <translation>各工位（加工时间 ÷（加工 + 延误））的平均值</translation>
    </message>
    <message>
        <source>good vehicles × planned cycle of the slowest station ÷ planned time</source>
        <translation>合格车辆 × 最慢工位计划周期 ÷ 计划时间</translation>
    </message>
    <message>
        <source>OEE × (processing with setup ÷ processing)</source>
        <translation>OEE ×（加工含换型 ÷ 加工）</translation>
    </message>
    <message>
        <source>good vehicles ÷ completed vehicles</source>
        <translation>合格车辆 ÷ 下线车辆</translation>
    </message>
    <message>
        <source>vehicles good without rejection or second visit ÷ completed vehicles</source>
        <translation>未被拒且未重复进站的合格车辆 ÷ 下线车辆</translation>
    </message>
    <message>
        <source>sum of the boundary carriers, fuels by their lower heating value</source>
        <translation>边界各能源之和，燃料按低位热值</translation>
    </message>
    <message>
        <source>energy ÷ good vehicles</source>
        <translation>总能耗 ÷ 合格车辆</translation>
    </message>
    <message>
        <source>stations&apos; energy outside processing ÷ all energy of the stations</source>
        <translation>工位非加工能耗 ÷ 工位总能耗</translation>
    </message>
    <message>
        <source>energy in processing ÷ energy</source>
        <translation>加工状态能耗 ÷ 总能耗</translation>
    </message>
    <message>
        <source>least mean electricity of a whole quarter of an hour</source>
        <translation>整 15 分钟平均电功率的最小值</translation>
    </message>
    <message>
        <source>largest mean electricity of a whole quarter of an hour</source>
        <translation>整 15 分钟平均电功率的最大值</translation>
    </message>
    <message>
        <source>mean electricity ÷ peak of a quarter of an hour</source>
        <translation>平均电功率 ÷ 15 分钟峰值</translation>
    </message>
    <message>
        <source>(own PV kept + purchases under renewable contracts) ÷ electricity used</source>
        <translation>（自用光伏 + 绿电合同购电）÷ 用电量</translation>
    </message>
    <message>
        <source>own PV used or stored ÷ all own PV</source>
        <translation>自用或储存的光伏 ÷ 全部光伏</translation>
    </message>
    <message>
        <source>sum of energy × coefficient of the carrier ÷ good vehicles</source>
        <translation>Σ 能耗 × 折标系数 ÷ 合格车辆</translation>
    </message>
    <message>
        <source>cost of the energy by the tariff ÷ good vehicles, without demand charge</source>
        <translation>按电价计的能源费用 ÷ 合格车辆，不含需量电费</translation>
    </message>
    <message>
        <source>metered water ÷ good vehicles</source>
        <translation>计量用水 ÷ 合格车辆</translation>
    </message>
    <message>
        <source>scope 1 and 2, location-based: sum of energy × factor in force</source>
        <translation>范围一与范围二（基于位置）：Σ 能耗 × 当期因子</translation>
    </message>
    <message>
        <source>carbon ÷ good vehicles</source>
        <translation>总碳排放 ÷ 合格车辆</translation>
    </message>
    <message>
        <source>metered solvents ÷ good vehicles</source>
        <translation>计量溶剂 ÷ 合格车辆</translation>
    </message>
</context>
<context>
    <name>KpiInput</name>
    <message>
        <source>vehicles completed</source>
        <translation>下线车辆</translation>
    </message>
    <message>
        <source>good vehicles</source>
        <translation>合格车辆</translation>
    </message>
    <message>
        <source>good the first time</source>
        <translation>一次合格车辆</translation>
    </message>
    <message>
        <source>vehicles due</source>
        <translation>应完成车辆</translation>
    </message>
    <message>
        <source>planned time</source>
        <translation>计划时间</translation>
    </message>
    <message>
        <source>period</source>
        <translation>时段</translation>
    </message>
    <message>
        <source>takt</source>
        <translation>节拍</translation>
    </message>
    <message>
        <source>planned cycle, slowest station</source>
        <translation>最慢工位计划周期</translation>
    </message>
    <message>
        <source>energy</source>
        <translation>总能耗</translation>
    </message>
    <message>
        <source>energy in processing</source>
        <translation>加工状态能耗</translation>
    </message>
    <message>
        <source>carbon</source>
        <translation>碳排放</translation>
    </message>
    <message>
        <source>scope 1: fuels, gases</source>
        <translation>范围一：燃料与气体</translation>
    </message>
    <message>
        <source>scope 2: purchased</source>
        <translation>范围二：外购能源</translation>
    </message>
    <message>
        <source>cost of the energy</source>
        <translation>能源费用</translation>
    </message>
    <message>
        <source>electricity used</source>
        <translation>用电量</translation>
    </message>
    <message>
        <source>from the grid</source>
        <translation>购电</translation>
    </message>
    <message>
        <source>own PV</source>
        <translation>自有光伏</translation>
    </message>
    <message>
        <source>exported</source>
        <translation>上网电量</translation>
    </message>
    <message>
        <source>availability</source>
        <translation>可用率</translation>
    </message>
    <message>
        <source>effectiveness</source>
        <translation>性能率</translation>
    </message>
    <message>
        <source>good share</source>
        <translation>合格率</translation>
    </message>
    <message>
        <source>peak, 15 min</source>
        <translation>15 分钟峰值</translation>
    </message>
    <message>
        <source>base load</source>
        <translation>基础负荷</translation>
    </message>
</context>
<context>
    <name>KpiSource</name>
    <message>
        <source>ISO 22400-2, produced quantity</source>
        <translation>ISO 22400-2 产出数量</translation>
    </message>
    <message>
        <source>ISO 22400-2, good quantity</source>
        <translation>ISO 22400-2 合格数量</translation>
    </message>
    <message>
        <source>custom of the trade</source>
        <translation>行业惯例</translation>
    </message>
    <message>
        <source>ISO 22400-2, throughput time</source>
        <translation>ISO 22400-2 通过时间</translation>
    </message>
    <message>
        <source>ISO 22400-2, throughput rate</source>
        <translation>ISO 22400-2 产出率</translation>
    </message>
    <message>
        <source>ISO 22400-2, availability</source>
        <translation>ISO 22400-2 可用率</translation>
    </message>
    <message>
        <source>ISO 22400-2, effectiveness</source>
        <translation>ISO 22400-2 性能率</translation>
    </message>
    <message>
        <source>ISO 22400-2, utilisation efficiency</source>
        <translation>ISO 22400-2 利用率</translation>
    </message>
    <message>
        <source>ISO 22400-2, allocation efficiency</source>
        <translation>ISO 22400-2 占用率</translation>
    </message>
    <message>
        <source>ISO 22400-2, technical efficiency</source>
        <translation>ISO 22400-2 技术效率</translation>
    </message>
    <message>
        <source>ISO 22400-2, OEE index</source>
        <translation>ISO 22400-2 设备综合效率</translation>
    </message>
    <message>
        <source>ISO 22400-2, net equipment effectiveness</source>
        <translation>ISO 22400-2 设备净效率</translation>
    </message>
    <message>
        <source>ISO 22400-2, quality ratio</source>
        <translation>ISO 22400-2 合格率</translation>
    </message>
    <message>
        <source>after ISO 22400-2, first pass yield</source>
        <translation>参照 ISO 22400-2 一次通过率</translation>
    </message>
    <message>
        <source>after ISO 22400-2, energy per unit</source>
        <translation>参照 ISO 22400-2 单位能耗</translation>
    </message>
    <message>
        <source>custom of tariffs</source>
        <translation>电价惯例</translation>
    </message>
    <message>
        <source>GB/T 2589</source>
        <translation>GB/T 2589</translation>
    </message>
    <message>
        <source>GHG Protocol</source>
        <translation>GHG Protocol 温室气体核算体系</translation>
    </message>
</context>
<context>
    <name>Kpis</name>
    <message>
        <source>Production</source>
        <translation>生产</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>能源</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>质量</translation>
    </message>
    <message>
        <source>Carbon</source>
        <translation>碳排放</translation>
    </message>
    <message>
        <source>Further figures</source>
        <translation>其他指标</translation>
    </message>
    <message>
        <source>KPI</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Target</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>截至</translation>
    </message>
    <message>
        <source>path, kg CO₂e left</source>
        <translation>目标路径剩余，kg CO₂e</translation>
    </message>
    <message>
        <source>kg CO₂e left</source>
        <translation>剩余，kg CO₂e</translation>
    </message>
    <message>
        <source>The line file has no target path.</source>
        <translation>产线文件没有目标路径。</translation>
    </message>
    <message>
        <source>budget {allowed} kg CO₂e, used {used}: {left} left</source>
        <translation>预算 {allowed} kg CO₂e，已用 {used}：剩余 {left}</translation>
    </message>
    <message>
        <source>budget {allowed} kg CO₂e, used {used}: ▲ {left} over it</source>
        <translation>预算 {allowed} kg CO₂e，已用 {used}：▲ 超出 {left}</translation>
    </message>
    <message>
        <source>Carbon budget: </source>
        <translation>碳预算：</translation>
    </message>
    <message>
        <source>target path</source>
        <translation>目标路径</translation>
    </message>
    <message>
        <source>left</source>
        <translation>剩余</translation>
    </message>
    <message>
        <source>Made of</source>
        <translation>构成</translation>
    </message>
    <message>
        <source>← All KPIs (Esc)</source>
        <translation>← 全部指标（Esc）</translation>
    </message>
    <message>
        <source>What it is made of</source>
        <translation>指标构成</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>小时</translation>
    </message>
    <message>
        <source>Shifts</source>
        <translation>班次</translation>
    </message>
    <message>
        <source>Workshops</source>
        <translation>车间</translation>
    </message>
    <message>
        <source>Stations</source>
        <translation>工位</translation>
    </message>
    <message>
        <source>Carbon budget</source>
        <translation>碳预算</translation>
    </message>
    <message>
        <source> ({share} measured)</source>
        <translation>（{share} 实测）</translation>
    </message>
    <message>
        <source>Source: {source}</source>
        <translation>来源：{source}</translation>
    </message>
    <message>
        <source>The year&apos;s budget by the line file&apos;s target path, due by planned vehicles or by
time; scope 1 and 2, location-based. The dashed line is what should be left.</source>
        <translation>按产线文件目标路径的年度预算，按计划车辆或时间分配；
范围一与范围二，基于位置。虚线为应剩余量。</translation>
    </message>
    <message>
        <source>The same figure of each part of the time or of the plant, where it is known.
What a figure means of a workshop or a station stands in docs/kpis.md.</source>
        <translation>同一指标在各时段或工厂各部分的数值（已知者）。
车间或工位指标的含义见 docs/kpis.md。</translation>
    </message>
</context>
<context>
    <name>Losses</name>
    <message>
        <source>{n} others</source>
        <translation>其他 {n} 项</translation>
    </message>
    <message>
        <source>From</source>
        <translation>自</translation>
    </message>
    <message>
        <source>To</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Lasted</source>
        <translation>持续</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>工位</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Because of</source>
        <translation>起因</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Workshop</source>
        <translation>车间</translation>
    </message>
    <message>
        <source>Stood for</source>
        <translation>停机原因</translation>
    </message>
    <message>
        <source>min</source>
        <translation>分钟</translation>
    </message>
    <message>
        <source>Stations kWh</source>
        <translation>工位 kWh</translation>
    </message>
    <message>
        <source>Base kWh</source>
        <translation>基础 kWh</translation>
    </message>
    <message>
        <source>Station, cause</source>
        <translation>工位与原因</translation>
    </message>
    <message>
        <source>Cause</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Moments</source>
        <translation>时刻</translation>
    </message>
    <message>
        <source>Stood by plan</source>
        <translation>计划停机</translation>
    </message>
    <message>
        <source>No workshop stood for a break or off shift so far.</source>
        <translation>至今没有车间因休息或班次外停机。</translation>
    </message>
    <message>
        <source>Losses</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Bottleneck</source>
        <translation>瓶颈</translation>
    </message>
    <message>
        <source>Every minute in which a station did not process, and its energy, charged to what
caused it: a station that stands is charged with those that waited for it too.
Minutes: of all places. Vehicles: those that the bottleneck missed by it.
kWh, kg CO₂e (location-based), money: of the same energy; part of the total,
never added to it. ● measured, ◐ estimated.</source>
        <translation>工位未加工的每一分钟及其能耗，均计入引起它的原因：
停机工位同时承担因它而等待的工位。
分钟：所有位置之和。辆：瓶颈因此少产的车辆。
kWh、kg CO₂e（基于位置）、金额：同一部分能量，属于总量，不另加。
● 实测，◐ 估计。</translation>
    </message>
    <message>
        <source>Active period: who was longest at work without a wait (Roser, Nakano, Tanaka).
Turning point: where starved turns into blocked up the line (Li, Chang, Ni).
The answer is that of the surer method; its certainty is the probability that it
leads the second. ✓ both name the same station, ≠ they do not.</source>
        <translation>活跃期法：不间断工作最久的工位（Roser、Nakano、Tanaka）。
转折点法：沿线上溯，缺料转为堵塞之处（Li、Chang、Ni）。
取更可信的方法；可信度为其领先第二名的概率。
✓ 两法一致，≠ 不一致。</translation>
    </message>
    <message>
        <source>What a workshop drew while at least half of its stations stood for a break or
were off: its stations, and what its meters counted beside them.</source>
        <translation>车间至少一半工位因休息停机或关闭时的能耗：
工位本身，以及表计在工位之外计得的部分。</translation>
    </message>
    <message>
        <source>The times behind the chosen bar, at the station itself and at those that waited
for it. In a replay a click goes there.</source>
        <translation>所选条目背后的时刻，含工位自身与等待它的工位。
回放中单击即可跳转。</translation>
    </message>
    <message>
        <source>The losses could not be worked out: {fault}</source>
        <translation>无法计算损失：{fault}</translation>
    </message>
    <message>
        <source>This line file has meters only, so no station loses time.</source>
        <translation>此产线文件只有表计，没有工位损失。</translation>
    </message>
    <message>
        <source>Looking for what caused each wait …</source>
        <translation>正在查找每次等待的起因…</translation>
    </message>
    <message>
        <source>Nothing was booked yet.</source>
        <translation>尚无记账数据。</translation>
    </message>
    <message>
        <source>The line file names no tariff: [books] tariff</source>
        <translation>产线文件未指定电价：[books] tariff</translation>
    </message>
    <message>
        <source>No emission factor is in force: [books] location</source>
        <translation>没有生效的排放因子：[books] location</translation>
    </message>
    <message>
        <source>The line file has no takt_s, or no bottleneck was found</source>
        <translation>产线文件没有 takt_s，或未找到瓶颈</translation>
    </message>
    <message>
        <source>{bar}: {n} moments, {minutes} min, stations: {stations}</source>
        <translation>{bar}：{n} 个时刻，{minutes} 分钟，工位：{stations}</translation>
    </message>
    <message>
        <source>Critical path</source>
        <translation>关键路径</translation>
    </message>
    <message>
        <source>Active period</source>
        <translation>活跃期</translation>
    </message>
    <message>
        <source>Turning point</source>
        <translation>转折点</translation>
    </message>
    <message>
        <source>Certainty</source>
        <translation>可信度</translation>
    </message>
    <message>
        <source>Last hour</source>
        <translation>最近一小时</translation>
    </message>
    <message>
        <source>All the time</source>
        <translation>全部时间</translation>
    </message>
    <message>
        <source>none found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>critical path</source>
        <translation>关键路径</translation>
    </message>
    <message>
        <source>active period</source>
        <translation>活跃期</translation>
    </message>
    <message>
        <source>turning point</source>
        <translation>转折点</translation>
    </message>
    <message>
        <source>{n} moments at {stations}</source>
        <translation>{stations} 的 {n} 个时刻</translation>
    </message>
    <message>
        <source>Share so far %</source>
        <translation>累计占比 %</translation>
    </message>
    <message>
        <source>Losses, the largest first: </source>
        <translation>损失，由大到小：</translation>
    </message>
    <message>
        <source>all: {amount}</source>
        <translation>合计：{amount}</translation>
    </message>
    <message>
        <source>share so far</source>
        <translation>累计占比</translation>
    </message>
</context>
<context>
    <name>Mimic</name>
    <message>
        <source>Line {name}</source>
        <translation>产线 {name}</translation>
    </message>
    <message>
        <source>no fresh data: this is how it was last seen</source>
        <translation>无新数据：以下为最后所见状态</translation>
    </message>
    <message>
        <source>{n} done</source>
        <translation>完成 {n}</translation>
    </message>
</context>
<context>
    <name>Mode</name>
    <message>
        <source>LIVE</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>REPLAY</source>
        <translation>回放</translation>
    </message>
    <message>
        <source>SIM</source>
        <translation>仿真</translation>
    </message>
</context>
<context>
    <name>Overview</name>
    <message>
        <source>Where the energy went</source>
        <translation>能量去向</translation>
    </message>
    <message>
        <source>Metering points</source>
        <translation>计量点</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>A station, a signal, a vehicle&apos;s number, a screen, a key</source>
        <translation>工位、信号、车辆编号、画面或按键</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>查找结果</translation>
    </message>
    <message>
        <source>station</source>
        <translation>工位</translation>
    </message>
    <message>
        <source>signal</source>
        <translation>信号</translation>
    </message>
    <message>
        <source>vehicle</source>
        <translation>车辆</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>plant level</source>
        <translation>全厂</translation>
    </message>
</context>
<context>
    <name>Power</name>
    <message>
        <source>Electric power</source>
        <translation>电功率</translation>
    </message>
    <message>
        <source>10 min</source>
        <translation>10 分钟</translation>
    </message>
    <message>
        <source>1 h</source>
        <translation>1 小时</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>班次</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>now {power}</source>
        <translation>当前 {power}</translation>
    </message>
</context>
<context>
    <name>PowerChart</name>
    <message>
        <source>From</source>
        <translation>自</translation>
    </message>
    <message>
        <source>Total [kW]</source>
        <translation>合计 [kW]</translation>
    </message>
    <message>
        <source>Electric power over time, kW</source>
        <translation>电功率随时间变化，kW</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
</context>
<context>
    <name>Priority</name>
    <message>
        <source>urgent</source>
        <translation>紧急</translation>
    </message>
    <message>
        <source>high</source>
        <translation>高</translation>
    </message>
    <message>
        <source>medium</source>
        <translation>中</translation>
    </message>
    <message>
        <source>low</source>
        <translation>低</translation>
    </message>
</context>
<context>
    <name>Quality</name>
    <message>
        <source>good</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>uncertain</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>bad</source>
        <translation>坏值</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>拒收</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>失联</translation>
    </message>
    <message>
        <source>late</source>
        <translation>迟到</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>冻结</translation>
    </message>
</context>
<context>
    <name>ReplayBar</name>
    <message>
        <source>{where} failed</source>
        <translation>{where} 故障</translation>
    </message>
    <message>
        <source>No data from {where}</source>
        <translation>{where} 无数据</translation>
    </message>
    <message>
        <source>Break</source>
        <translation>休息</translation>
    </message>
    <message>
        <source>Timeline of the log</source>
        <translation>日志时间轴</translation>
    </message>
    <message>
        <source>Step back {step} (Left)</source>
        <translation>后退 {step}（左键）</translation>
    </message>
    <message>
        <source>Step forward {step} (Right)</source>
        <translation>前进 {step}（右键）</translation>
    </message>
    <message>
        <source>To the event before (Ctrl+Left)</source>
        <translation>上一个事件 (Ctrl+Left)</translation>
    </message>
    <message>
        <source>To the next event (Ctrl+Right)</source>
        <translation>下一个事件 (Ctrl+Right)</translation>
    </message>
    <message>
        <source>Bookmarks (Ctrl+B)</source>
        <translation>书签 (Ctrl+B)</translation>
    </message>
    <message>
        <source>Replay speed</source>
        <translation>回放速度</translation>
    </message>
    <message>
        <source>Events to jump to</source>
        <translation>要跳转的事件</translation>
    </message>
    <message>
        <source>Go to a time of day, such as 14:10 (F4)</source>
        <translation>跳到某一时刻，如 14:10 (F4)</translation>
    </message>
    <message>
        <source>Bookmark {time}</source>
        <translation>书签 {time}</translation>
    </message>
    <message>
        <source>Its name</source>
        <translation>书签名称</translation>
    </message>
    <message>
        <source>Bookmark this moment …</source>
        <translation>为此刻加书签 …</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>{typed}: no time of this log, which goes from {begin} to {end}</source>
        <translation>{typed}：不在此日志的时间内（{begin} 至 {end}）</translation>
    </message>
    <message>
        <source>max</source>
        <translation>最快</translation>
    </message>
    <message>
        <source>All events</source>
        <translation>所有事件</translation>
    </message>
    <message>
        <source>Failures</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Gaps</source>
        <translation>数据缺口</translation>
    </message>
    <message>
        <source>Bookmarks</source>
        <translation>书签</translation>
    </message>
    <message>
        <source>Pause (Space)</source>
        <translation>暂停（空格）</translation>
    </message>
    <message>
        <source>Play (Space)</source>
        <translation>播放（空格）</translation>
    </message>
</context>
<context>
    <name>Reports</name>
    <message>
        <source>Shift report</source>
        <translation>班次报告</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Pages of the report</source>
        <translation>报告页面</translation>
    </message>
    <message>
        <source>Print …</source>
        <translation>打印 …</translation>
    </message>
    <message>
        <source>Save the report as {kind}</source>
        <translation>将报告另存为 {kind}</translation>
    </message>
    <message>
        <source>Draw up anew</source>
        <translation>重新生成</translation>
    </message>
    <message>
        <source>Draws up the report …</source>
        <translation>正在生成报告 …</translation>
    </message>
    <message>
        <source>Prints …</source>
        <translation>正在打印 …</translation>
    </message>
    <message>
        <source>Sent to the printer</source>
        <translation>已发送到打印机</translation>
    </message>
    <message>
        <source>Saves …</source>
        <translation>正在保存 …</translation>
    </message>
    <message>
        <source>Saved: {path}</source>
        <translation>已保存：{path}</translation>
    </message>
    <message>
        <source>Nothing is booked yet: the report begins with the data.</source>
        <translation>尚无入账数据：有数据后即可生成报告。</translation>
    </message>
    <message>
        <source>{n} pages</source>
        <translation>共 {n} 页</translation>
    </message>
    <message>
        <source>{pages}, of what was booked until {time}; still provisional</source>
        <translation>{pages}，截至 {time} 的入账数据；仍为暂定值</translation>
    </message>
</context>
<context>
    <name>Screens</name>
    <message>
        <source>Overview</source>
        <translation>总览</translation>
    </message>
    <message>
        <source>KPIs</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>能源</translation>
    </message>
    <message>
        <source>Losses</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Vehicles</source>
        <translation>车辆</translation>
    </message>
    <message>
        <source>Signals</source>
        <translation>信号</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Start page</source>
        <translation>起始页</translation>
    </message>
</context>
<context>
    <name>Shift</name>
    <message>
        <source>Early shift</source>
        <translation>早班</translation>
    </message>
    <message>
        <source>Late shift</source>
        <translation>中班</translation>
    </message>
    <message>
        <source>Night shift</source>
        <translation>夜班</translation>
    </message>
    <message>
        <source>Day shift</source>
        <translation>白班</translation>
    </message>
</context>
<context>
    <name>Signals</name>
    <message>
        <source>Signal</source>
        <translation>信号</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>数据龄</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>质量</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Why not good</source>
        <translation>异常原因</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <translation>端点</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Items</source>
        <translation>监视项</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>被拒</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>已接收</translation>
    </message>
    <message>
        <source>Dropped</source>
        <translation>已丢弃</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Signals</source>
        <translation>信号</translation>
    </message>
    <message>
        <source>Find a signal</source>
        <translation>查找信号</translation>
    </message>
    <message>
        <source>Only what is not good</source>
        <translation>仅看异常</translation>
    </message>
    <message>
        <source>Export …</source>
        <translation>导出 …</translation>
    </message>
    <message>
        <source>Export … (Ctrl+E)</source>
        <translation>导出 … (Ctrl+E)</translation>
    </message>
    <message>
        <source>{n} signals, {bad} not good</source>
        <translation>{n} 个信号，{bad} 个异常</translation>
    </message>
    <message>
        <source>{samples} samples: {bad} bad, {late} late, {dropped} dropped, {gaps} gaps</source>
        <translation>{samples} 个样本：{bad} 个坏值，{late} 个迟到，{dropped} 个丢弃，{gaps} 处中断</translation>
    </message>
    <message>
        <source>The server does not know this node, or refuses it</source>
        <translation>服务器没有此节点，或拒绝访问</translation>
    </message>
    <message>
        <source>Not of the right type, or no finite number; not used</source>
        <translation>类型不符或不是有限数值；未采用</translation>
    </message>
    <message>
        <source>Marked as bad by the server</source>
        <translation>服务器标记为坏值</translation>
    </message>
    <message>
        <source>Marked as uncertain by the server, or without a time</source>
        <translation>服务器标记为不确定，或缺少时间戳</translation>
    </message>
    <message>
        <source>No value for {time}; one is expected every {expected}</source>
        <translation>已 {time} 无新值；预期每 {expected} 一个</translation>
    </message>
    <message>
        <source>Has not moved for {time}, and should</source>
        <translation>已 {time} 未变化，而它应当变化</translation>
    </message>
    <message>
        <source>No source of the line file gives it; a table may fill it</source>
        <translation>产线文件未指定数据源；可由表格导入</translation>
    </message>
    <message>
        <source>Its source has not sent a value yet</source>
        <translation>数据源尚未发送任何值</translation>
    </message>
    <message>
        <source>Its source is {state}: {reason}</source>
        <translation>数据源{state}：{reason}</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>Every metered kilowatt-hour ends on a vehicle or on a named loss.</source>
        <translation>每一度计量到的电，都归于一辆车或一项有名有姓的损失。</translation>
    </message>
    <message>
        <source>No log was opened here yet.</source>
        <translation>尚未打开过日志。</translation>
    </message>
    <message>
        <source>Guided tour</source>
        <translation>导览</translation>
    </message>
    <message>
        <source>scenarios of the simulated plant: what happens, what to look at, what was found, what it cost</source>
        <translation>模拟工厂的场景：发生了什么、该看哪里、发现了什么、代价多少</translation>
    </message>
    <message>
        <source>or drop a log anywhere on this page</source>
        <translation>或将日志拖放到本页任意位置</translation>
    </message>
    <message>
        <source>Watch a line</source>
        <translation>监视产线</translation>
    </message>
    <message>
        <source>Connects to the plant&apos;s OPC UA servers. It only ever reads.</source>
        <translation>连接工厂的 OPC UA 服务器，只读不写。</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Open a log</source>
        <translation>打开日志</translation>
    </message>
    <message>
        <source>Replays a logged shift to the same figures, at any speed.</source>
        <translation>以任意速度回放已记录的班次，结果分毫不差。</translation>
    </message>
    <message>
        <source>Choose a log …</source>
        <translation>选择日志…</translation>
    </message>
    <message>
        <source>Try the demo</source>
        <translation>试用演示</translation>
    </message>
    <message>
        <source>Starts a simulated plant on this machine and watches it.</source>
        <translation>在本机启动仿真工厂并监视它。</translation>
    </message>
    <message>
        <source>Start the demo</source>
        <translation>启动演示</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>产线</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <translation>端点</translation>
    </message>
    <message>
        <source>Keep a log in</source>
        <translation>日志保存到</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Scenario</source>
        <translation>情景</translation>
    </message>
    <message>
        <source>as the line file says</source>
        <translation>按产线文件</translation>
    </message>
    <message>
        <source>no log</source>
        <translation>不记录</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>最近打开</translation>
    </message>
    <message>
        <source>An ordinary shift</source>
        <translation>普通班次</translation>
    </message>
    <message>
        <source>There is no line file to watch.</source>
        <translation>没有可监视的产线文件。</translation>
    </message>
    <message>
        <source>{text} is not an endpoint: it must begin with opc.tcp://</source>
        <translation>{text} 不是端点：必须以 opc.tcp:// 开头</translation>
    </message>
    <message>
        <source>Shift logs</source>
        <translation>班次日志</translation>
    </message>
    <message>
        <source>{name} is not a shift log: those end in {ending}</source>
        <translation>{name} 不是班次日志：其后缀应为 {ending}</translation>
    </message>
    <message>
        <source>Opening …</source>
        <translation>正在打开…</translation>
    </message>
</context>
<context>
    <name>State</name>
    <message>
        <source>off</source>
        <translation>关机</translation>
    </message>
    <message>
        <source>standby</source>
        <translation>待机</translation>
    </message>
    <message>
        <source>warming up</source>
        <translation>预热</translation>
    </message>
    <message>
        <source>idle</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>starved</source>
        <translation>待料</translation>
    </message>
    <message>
        <source>blocked</source>
        <translation>堵塞</translation>
    </message>
    <message>
        <source>processing</source>
        <translation>加工中</translation>
    </message>
    <message>
        <source>setup</source>
        <translation>换型</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>held</source>
        <translation>暂挂</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>not on a station</source>
        <translation>不在工位上</translation>
    </message>
    <message>
        <source>others</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>unexplained</source>
        <translation>未解释</translation>
    </message>
</context>
<context>
    <name>StateBar</name>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Energy by state: </source>
        <translation>按状态的能量：</translation>
    </message>
</context>
<context>
    <name>Takeaway</name>
    <message>
        <source>{path} cannot be written</source>
        <translation>无法写入 {path}</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Copy as picture</source>
        <translation>复制为图片</translation>
    </message>
    <message>
        <source>Copy data</source>
        <translation>复制数据</translation>
    </message>
    <message>
        <source>Export … (Ctrl+E)</source>
        <translation>导出…（Ctrl+E）</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>on target</source>
        <translation>达标</translation>
    </message>
    <message>
        <source>above target</source>
        <translation>高于目标</translation>
    </message>
    <message>
        <source>below target</source>
        <translation>低于目标</translation>
    </message>
    <message>
        <source>no target</source>
        <translation>无目标</translation>
    </message>
    <message>
        <source>target {value}</source>
        <translation>目标 {value}</translation>
    </message>
    <message>
        <source>planned cycle</source>
        <translation>按计划节拍</translation>
    </message>
    <message>
        <source>OEE = good vehicles × planned cycle of the slowest station ÷ planned time.
It can exceed availability, and 100 %, where a cycle is shorter than planned
or where the PLC shows idle while vehicles move in and out.</source>
        <translation>设备综合效率 = 合格车辆数 × 瓶颈工位计划节拍 ÷ 计划时间。
实际节拍短于计划节拍，或车辆进出工位时 PLC 报为空闲，
该值可高于可用率，甚至超过 100 %。</translation>
    </message>
</context>
<context>
    <name>Time</name>
    <message>
        <source>{n} s</source>
        <translation>{n} 秒</translation>
    </message>
    <message>
        <source>{m}:{s:02d} min</source>
        <translation>{m} 分 {s:02d} 秒</translation>
    </message>
    <message>
        <source>{h} h {m:02d} min</source>
        <translation>{h} 小时 {m:02d} 分</translation>
    </message>
    <message>
        <source>{d} d {h} h</source>
        <translation>{d} 天 {h} 小时</translation>
    </message>
    <message>
        <source>{n} min</source>
        <translation>{n} 分钟</translation>
    </message>
    <message>
        <source>{n} h</source>
        <translation>{n} 小时</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Switch to Chinese</source>
        <translation>切换到英文</translation>
    </message>
    <message>
        <source>Light, dark, high contrast (Ctrl+T)</source>
        <translation>浅色、深色、高对比度（Ctrl+T）</translation>
    </message>
    <message>
        <source>Help (F1)</source>
        <translation>帮助（F1）</translation>
    </message>
    <message>
        <source>Alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>▲ flood, {n} new</source>
        <translation>▲ 泛滥，{n} 个新</translation>
    </message>
    <message>
        <source>◆ {n} new</source>
        <translation>◆ {n} 个新</translation>
    </message>
    <message>
        <source>● {n} known</source>
        <translation>● {n} 个已知</translation>
    </message>
    <message>
        <source>Alarms: {new} not acknowledged, {n} standing (F5)</source>
        <translation>报警：未确认 {new} 个，当前 {n} 个 (F5)</translation>
    </message>
    <message>
        <source>Replay</source>
        <translation>回放</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Data age</source>
        <translation>数据龄</translation>
    </message>
    <message>
        <source>Plant time</source>
        <translation>工厂时间</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>班次</translation>
    </message>
    <message>
        <source>Due / done</source>
        <translation>应完成 / 已完成</translation>
    </message>
    <message>
        <source>no shift</source>
        <translation>非班次时间</translation>
    </message>
    <message>
        <source>{name}, {time} left</source>
        <translation>{name}，剩余 {time}</translation>
    </message>
    <message>
        <source>Counted from {time}, when the watch began</source>
        <translation>自 {time} 开始监视起计数</translation>
    </message>
    <message>
        <source>Counted from the shift&apos;s begin, {time}</source>
        <translation>自班次开始 {time} 起计数</translation>
    </message>
</context>
<context>
    <name>Tour</name>
    <message>
        <source>{place} {cause}: {time} lost so far</source>
        <translation>{place}（{cause}）：已损失 {time}</translation>
    </message>
    <message>
        <source>{place} holds the line, {sure} sure</source>
        <translation>{place} 制约产线，把握 {sure}</translation>
    </message>
    <message>
        <source>Gaps in the data: {n}, {time} in all</source>
        <translation>数据缺口 {n} 次，共 {time}</translation>
    </message>
    <message>
        <source>{place}: above its model from {begin} to {end}, {sure} sure</source>
        <translation>{place}：{begin} 至 {end} 高于模型，把握 {sure}</translation>
    </message>
    <message>
        <source>{place}: {power} above its model since {time}, {sure} sure</source>
        <translation>{place}：自 {time} 起比模型高 {power}，把握 {sure}</translation>
    </message>
    <message>
        <source>Look at</source>
        <translation>请看</translation>
    </message>
    <message>
        <source>Found by the twin</source>
        <translation>孪生的发现</translation>
    </message>
    <message>
        <source>What it cost so far</source>
        <translation>目前的代价</translation>
    </message>
    <message>
        <source>End the tour</source>
        <translation>结束导览</translation>
    </message>
    <message>
        <source>Nothing yet: {find}</source>
        <translation>尚未发现：{find}</translation>
    </message>
    <message>
        <source>Not known yet</source>
        <translation>尚不清楚</translation>
    </message>
    <message>
        <source>Nothing of its own</source>
        <translation>没有单独的代价</translation>
    </message>
</context>
<context>
    <name>Trouble</name>
    <message>
        <source>Copy the report</source>
        <translation>复制报告</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Something went wrong in “{where}”, the rest goes on: {said}</source>
        <translation>“{where}”中出现错误，其余照常运行：{said}</translation>
    </message>
    <message>
        <source>and {n} before it</source>
        <translation>此前还有 {n} 个</translation>
    </message>
</context>
<context>
    <name>Unit</name>
    <message>
        <source>vehicles</source>
        <translation>辆</translation>
    </message>
    <message>
        <source>per h</source>
        <translation>辆/小时</translation>
    </message>
    <message>
        <source>min</source>
        <translation>分钟</translation>
    </message>
    <message>
        <source>kg CO₂e</source>
        <translation>kg CO₂e</translation>
    </message>
    <message>
        <source>t CO₂e</source>
        <translation>t CO₂e</translation>
    </message>
</context>
<context>
    <name>Vehicles</name>
    <message>
        <source>Vehicle</source>
        <translation>车辆</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>车型</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Entered</source>
        <translation>进入</translation>
    </message>
    <message>
        <source>Completed</source>
        <translation>下线</translation>
    </message>
    <message>
        <source>Total kWh</source>
        <translation>合计 kWh</translation>
    </message>
    <message>
        <source>kg CO₂e</source>
        <translation>kg CO₂e</translation>
    </message>
    <message>
        <source>Lead time</source>
        <translation>在线时间</translation>
    </message>
    <message>
        <source>Direct kWh</source>
        <translation>直接 kWh</translation>
    </message>
    <message>
        <source>Shared kWh</source>
        <translation>分摊 kWh</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>good</source>
        <translation>合格</translation>
    </message>
    <message>
        <source>✕ scrapped</source>
        <translation>✕ 报废</translation>
    </message>
    <message>
        <source>at {station}</source>
        <translation>在 {station}</translation>
    </message>
    <message>
        <source>between stations</source>
        <translation>工位之间</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>工位</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>进入</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>离开</translation>
    </message>
    <message>
        <source>Work s</source>
        <translation>加工 秒</translation>
    </message>
    <message>
        <source>Wait kWh</source>
        <translation>等待 kWh</translation>
    </message>
    <message>
        <source>there</source>
        <translation>在位</translation>
    </message>
    <message>
        <source>{word}, part</source>
        <translation>{word}，部分</translation>
    </message>
    <message>
        <source>all variants</source>
        <translation>全部车型</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>in the line</source>
        <translation>在制</translation>
    </message>
    <message>
        <source>scrapped</source>
        <translation>报废</translation>
    </message>
    <message>
        <source>Only this variant</source>
        <translation>仅此车型</translation>
    </message>
    <message>
        <source>Only these vehicles</source>
        <translation>仅这些车辆</translation>
    </message>
    <message>
        <source>Compare others with this one</source>
        <translation>以此车为比较基准</translation>
    </message>
    <message>
        <source> (now {vehicle})</source>
        <translation>（当前 {vehicle}）</translation>
    </message>
    <message>
        <source>Vehicles</source>
        <translation>车辆</translation>
    </message>
    <message>
        <source>One vehicle</source>
        <translation>单车明细</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Distribution</source>
        <translation>分布</translation>
    </message>
    <message>
        <source>Find a vehicle number</source>
        <translation>查找车辆编号</translation>
    </message>
    <message>
        <source>No vehicle was seen yet.</source>
        <translation>尚未见到车辆。</translation>
    </message>
    <message>
        <source>This line file has meters only, so no vehicles.</source>
        <translation>该产线文件只有计量表，没有车辆。</translation>
    </message>
    <message>
        <source>Shared energy is provisional until the shift is closed.</source>
        <translation>分摊能耗为暂定值，班次关闭后确定。</translation>
    </message>
    <message>
        <source>Select a vehicle to see its stations.</source>
        <translation>选择一辆车，查看其各工位。</translation>
    </message>
    <message>
        <source>{n} seen</source>
        <translation>共 {n} 辆</translation>
    </message>
    <message>
        <source>{n} of {all}</source>
        <translation>{n} / {all} 辆</translation>
    </message>
    <message>
        <source>Energy, kWh</source>
        <translation>能量，kWh</translation>
    </message>
    <message>
        <source>Stations</source>
        <translation>工位</translation>
    </message>
    <message>
        <source>not complete: a part lies outside the log</source>
        <translation>不完整：部分过程在日志之外</translation>
    </message>
    <message>
        <source>provisional until the shift is closed</source>
        <translation>班次结束前为暂定值</translation>
    </message>
    <message>
        <source>Parts, earlier logs</source>
        <translation>零件与早前日志</translation>
    </message>
    <message>
        <source>Shared</source>
        <translation>分摊</translation>
    </message>
    <message>
        <source>Scrap</source>
        <translation>报废</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>合计</translation>
    </message>
    <message>
        <source>Lower whisker</source>
        <translation>下须</translation>
    </message>
    <message>
        <source>Quartile 1</source>
        <translation>第一四分位</translation>
    </message>
    <message>
        <source>Median</source>
        <translation>中位数</translation>
    </message>
    <message>
        <source>Quartile 3</source>
        <translation>第三四分位</translation>
    </message>
    <message>
        <source>Upper whisker</source>
        <translation>上须</translation>
    </message>
    <message>
        <source>Outliers</source>
        <translation>离群车辆</translation>
    </message>
    <message>
        <source>{name}: median {median}, outliers: {n}</source>
        <translation>{name}：中位数 {median}，离群 {n}</translation>
    </message>
    <message>
        <source>Distribution by variant, {unit}</source>
        <translation>按车型分布，{unit}</translation>
    </message>
    <message>
        <source>{name}  {n} vehicles, median {median}</source>
        <translation>{name}  {n} 辆，中位数 {median}</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>A kWh</source>
        <translation>A kWh</translation>
    </message>
    <message>
        <source>B kWh</source>
        <translation>B kWh</translation>
    </message>
    <message>
        <source>A − B kWh</source>
        <translation>A − B kWh</translation>
    </message>
    <message>
        <source>Left side of the comparison</source>
        <translation>比较的左侧</translation>
    </message>
    <message>
        <source>Right side of the comparison</source>
        <translation>比较的右侧</translation>
    </message>
    <message>
        <source>Difference by place</source>
        <translation>各位置差异</translation>
    </message>
    <message>
        <source>mean of {variant}</source>
        <translation>{variant}平均</translation>
    </message>
    <message>
        <source>Nothing to compare yet.</source>
        <translation>暂无可比较内容。</translation>
    </message>
    <message>
        <source>A {a}   B {b}   A − B {difference} kWh</source>
        <translation>A {a}   B {b}   A − B {difference} kWh</translation>
    </message>
</context>
<context>
    <name>Waterfall</name>
    <message>
        <source>Energy of the vehicle: </source>
        <translation>该车的能量：</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步骤</translation>
    </message>
</context>
<context>
    <name>Workspace</name>
    <message>
        <source>Waiting for the first data from {title} …</source>
        <translation>正在等待 {title} 的首批数据…</translation>
    </message>
</context>
</TS>
