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
        <source>Metered against booked, relative error</source>
        <translation>计量与入账之差（相对误差）</translation>
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
        <source>alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>energy</source>
        <translation>能源</translation>
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
        <source>find a vehicle or signal</source>
        <translation>查找车辆或信号</translation>
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
        <source>Replay speed</source>
        <translation>回放速度</translation>
    </message>
    <message>
        <source>max</source>
        <translation>最快</translation>
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
        <source>Vehicles</source>
        <translation>车辆</translation>
    </message>
    <message>
        <source>Signals</source>
        <translation>信号</translation>
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
        <source>{n} signals, {bad} not good</source>
        <translation>{n} 个信号，{bad} 个异常</translation>
    </message>
    <message>
        <source>{samples} samples: {bad} bad, {late} late, {dropped} dropped, {gaps} gaps</source>
        <translation>{samples} 个样本：{bad} 个坏值，{late} 个迟到，{dropped} 个丢弃，{gaps} 处中断</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>Every metered kilowatt-hour ends on a vehicle or on a named loss.</source>
        <translation>每一度计量到的电，都归于一辆车或一项有名有姓的损失。</translation>
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
        <source>Energy by state: </source>
        <translation>按状态的能量：</translation>
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
        <source>Vehicles</source>
        <translation>车辆</translation>
    </message>
    <message>
        <source>One vehicle</source>
        <translation>单车明细</translation>
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
        <source>shared energy is provisional</source>
        <translation>分摊能量为暂定值</translation>
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
</context>
<context>
    <name>Waterfall</name>
    <message>
        <source>Energy of the vehicle: </source>
        <translation>该车的能量：</translation>
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
