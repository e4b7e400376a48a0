import { init, type CustomSeriesOption } from "echarts";

import type { StepRun } from "./steps";

const size = { width: 1000, row: 46, head: 70, foot: 50 } as const;
const colours = { path: "#c2410c", other: "#94a3b8" } as const;

/**
 * Draws a run: one row a host, one bar a step, the critical path in a colour of its own.
 *
 * @param hosts the rows, the uppermost first.
 * @returns the picture as SVG.
 */
export function timeline(
  title: string,
  hosts: readonly string[],
  runs: readonly StepRun[],
  path: readonly StepRun[],
): string {
  const critical = new Set(path.map(({ name }) => name));
  const height = size.head + hosts.length * size.row + size.foot;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: size.width, height });
  const bars = (name: string, colour: string, some: readonly StepRun[]): object => ({
    type: "custom",
    name,
    itemStyle: { color: colour },
    renderItem: bar(colour, some),
    encode: { x: [1, 2], y: 0 },
    data: some.map((run) => [hosts.indexOf(run.host), run.begin, run.end]),
  });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: { text: title, left: 10, top: 8, textStyle: { fontSize: 14, fontWeight: "normal" } },
    legend: { right: 10, top: 8, itemGap: 24 },
    grid: { left: 50, right: 20, top: size.head, bottom: size.foot },
    xAxis: { type: "value", min: 0, name: "seconds", nameLocation: "middle", nameGap: 28 },
    yAxis: { type: "category", data: [...hosts], inverse: true },
    series: [
      bars(
        "on the critical path",
        colours.path,
        runs.filter(({ name }) => critical.has(name)),
      ),
      bars(
        "beside it",
        colours.other,
        runs.filter(({ name }) => !critical.has(name)),
      ),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg.endsWith("\n") ? svg : `${svg}\n`;
}

type RenderItem = NonNullable<CustomSeriesOption["renderItem"]>;

/** About how wide a letter is, in points: a bar too narrow for its name has none. */
const letter = 6;

function bar(colour: string, runs: readonly StepRun[]): RenderItem {
  return (params, api) => {
    const run = runs[params.dataIndex];
    const [left = 0, middle = 0] = api.coord([api.value(1), api.value(0)]);
    const [right = 0] = api.coord([api.value(2), api.value(0)]);
    const height = size.row * 0.6;
    const width = Math.max(right - left, 1);
    const name = run?.step ?? "";
    return {
      type: "group",
      children: [
        {
          type: "rect",
          shape: { x: left, y: middle - height / 2, width, height },
          style: { fill: colour, stroke: "#ffffff", lineWidth: 1 },
        },
        {
          type: "text",
          style: {
            text: name.length * letter < width ? name : "",
            x: left + 4,
            y: middle,
            verticalAlign: "middle",
            fontSize: 11,
            fill: "#ffffff",
          },
        },
      ],
    };
  };
}
