//! The picture written down. Each line of text says how wide it is; each box is a group with its texts, so that a test finds them.

use super::{
    super::words,
    colours,
    measure::{Line, Style, lines},
    place::{Boxed, PADDING, Placed, Wire, tall, tall_heading, widest},
};
use crate::cli::words::{duration, state as state_word};
use headwater_core::graph::{EdgeKind, Graph};
use std::fmt::Write as _;

/// Around the whole.
const MARGIN: f64 = 16.0;

/// The length of a line in the legend.
const SAMPLE: f64 = 34.0;

/// The whole picture.
pub(super) fn picture(graph: &Graph, placed: &Placed) -> String {
    let heading = heading(graph);
    let notes: Vec<Line> = words::notes(graph).iter().flat_map(|note| lines(note, Style::Note)).collect();
    let kinds = legend(placed);
    let legend_height = if kinds.is_empty() { 0.0 } else { Style::Small.height() * kinds.len() as f64 + PADDING };
    let top = MARGIN + tall(&heading) + PADDING;
    let legend_top = top + placed.height + PADDING;
    let legend_width = kinds.iter().map(|(_, line)| SAMPLE + PADDING + line.width()).fold(0.0, f64::max);
    let inner = placed.width.max(widest(&heading)).max(widest(&notes)).max(legend_width);
    let (width, height) = (inner + 2.0 * MARGIN, legend_top + legend_height + tall(&notes) + MARGIN);
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" aria-label=\"{}\">",
        escaped(&words::heading(graph)),
        w = round(width.ceil()),
        h = round(height.ceil()),
    );
    style(&mut svg);
    let _ = writeln!(svg, "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>");
    text(&heading, MARGIN, MARGIN, &mut svg);
    inside(graph, placed, (MARGIN + (inner - placed.width) / 2.0, top), &mut svg);
    let mut y = legend_top + PADDING;
    for (class, line) in &kinds {
        let middle = y + Style::Small.height() / 2.0;
        let _ = writeln!(
            svg,
            "<path class=\"{class}\" d=\"M{},{} H{}\"/>",
            round(MARGIN),
            round(middle),
            round(MARGIN + SAMPLE)
        );
        text(std::slice::from_ref(line), MARGIN + SAMPLE + PADDING, y, &mut svg);
        y += Style::Small.height();
    }
    text(&notes, MARGIN, legend_top + legend_height, &mut svg);
    svg.push_str("</svg>");
    svg
}

fn heading(graph: &Graph) -> Vec<Line> {
    let mut heading = lines(&words::heading(graph), Style::Heading);
    if let Some((state, took)) = words::of_run(graph) {
        heading.extend(lines(&format!("{}, {}", state_word(state), duration(took)), Style::Small));
    }
    heading
}

fn style(svg: &mut String) {
    svg.push_str("<style>\n");
    svg.push_str(
        "text{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace;fill:#1c2128}\n",
    );
    for (style, extra) in [
        (Style::Heading, "font-weight:bold"),
        (Style::Title, "font-weight:bold"),
        (Style::Small, "fill:#4b5560"),
        (Style::State, "font-weight:bold"),
    ] {
        let _ = writeln!(svg, ".{}{{font-size:{}px;{extra}}}", style.class(), style.size());
    }
    svg.push_str(".ground{fill:#ffffff}.inner{fill:#808a96;fill-opacity:.12;stroke:none}\n");
    svg.push_str("path{fill:none;stroke:#4b5560;stroke-width:1.5}.after{stroke-width:3}.cause{stroke:#9aa4af}\n");
    svg.push_str(".dashed,.dashed>rect.box{stroke-dasharray:6 4}marker path{fill:#4b5560;stroke:none}marker.cause path{fill:#9aa4af}\n");
    svg.push_str("rect.box{stroke-width:1.8}\n");
    for paint in colours::ALL {
        let _ = writeln!(svg, ".{}>rect.box{{fill:{};stroke:{}}}", paint.class, paint.fill, paint.line);
    }
    svg.push_str("@media (prefers-color-scheme:dark){\n");
    svg.push_str(
        "text{fill:#e6edf3}.small{fill:#adb7c2}.ground{fill:#12161c}path{stroke:#adb7c2}.cause{stroke:#6b7683}\n",
    );
    svg.push_str("marker path{fill:#adb7c2}marker.cause path{fill:#6b7683}\n");
    for paint in colours::ALL {
        let _ = writeln!(svg, ".{}>rect.box{{fill:{};stroke:{}}}", paint.class, paint.dark.0, paint.dark.1);
    }
    svg.push_str("}\n</style>\n<defs>\n");
    for class in ["argument", "after", "cause"] {
        // Of one size, however thick its line is.
        let _ = writeln!(
            svg,
            "<marker id=\"{class}\" class=\"{class}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\"/></marker>"
        );
    }
    svg.push_str("</defs>\n");
}

/// A graph with its corner there.
fn inside(graph: &Graph, placed: &Placed, at: (f64, f64), svg: &mut String) {
    for wire in &placed.wires {
        let class = class(wire);
        let _ = writeln!(
            svg,
            "<path class=\"{class}\" marker-end=\"url(#{})\" d=\"{}\"/>",
            wire.edge.kind.word(),
            curve(&wire.points, at)
        );
    }
    for one in &placed.boxes {
        boxed(graph, one, at, svg);
    }
}

fn boxed(graph: &Graph, one: &Boxed, at: (f64, f64), svg: &mut String) {
    let Some(node) = graph.nodes.get(one.node) else { return };
    let (x, y) = (at.0 + one.x, at.1 + one.y);
    let dashed = if node.dashed { " dashed" } else { "" };
    let _ = writeln!(
        svg,
        "<g class=\"{}{dashed}\"><title>{}</title><rect class=\"box\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>",
        colours::of(node).class,
        escaped(&title(node)),
        round(x),
        round(y),
        round(one.width),
        round(one.height)
    );
    text(&one.lines, x + PADDING, y + PADDING, svg);
    for inner in &one.inside {
        let (left, top) = (x + inner.x, y + inner.y);
        let _ = writeln!(
            svg,
            "<rect class=\"inner\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>",
            round(left),
            round(top),
            round(inner.width),
            round(inner.height)
        );
        text(&inner.heading, left + PADDING, top + PADDING, svg);
        let Some(child) = node.children.get(inner.child) else { continue };
        let centred = left + (inner.width - inner.placed.width) / 2.0;
        inside(child, &inner.placed, (centred, top + PADDING + tall_heading(&inner.heading)), svg);
    }
    svg.push_str("</g>\n");
}

/// What a pointer that rests on the box is told.
fn title(node: &headwater_core::graph::Node) -> String {
    let key = if node.key.is_empty() { String::new() } else { format!(" (key {})", node.key) };
    let why = node.failure.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{}{key}{why}", node.label)
}

fn text(lines: &[Line], x: f64, y: f64, svg: &mut String) {
    let mut top = y;
    for line in lines {
        // The base line lies a quarter of the size above the foot.
        let base = top + line.style.height() / 2.0 + line.style.size() * 0.35;
        let _ = writeln!(
            svg,
            "<text class=\"{}\" x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            line.style.class(),
            round(x),
            round(base),
            round(line.width()),
            escaped(&line.text)
        );
        top += line.style.height();
    }
}

fn class(wire: &Wire) -> String {
    let dashed = if wire.edge.dashed { " dashed" } else { "" };
    format!("{}{dashed}", wire.edge.kind.word())
}

/// What the lines mean, as far as there are such.
fn legend(placed: &Placed) -> Vec<(String, Line)> {
    let mut kinds: Vec<(EdgeKind, bool)> = Vec::new();
    collect(placed, &mut kinds);
    kinds.sort_unstable();
    kinds.dedup();
    let mut legend = Vec::new();
    for (kind, means) in [
        (EdgeKind::Argument, "its result is an argument"),
        (EdgeKind::After, "after it"),
        (EdgeKind::Cause, "called when it had ended"),
    ] {
        if kinds.iter().any(|(other, _)| *other == kind) {
            legend.push((kind.word().to_owned(), Line { text: means.to_owned(), style: Style::Small }));
        }
    }
    if kinds.iter().any(|(_, dashed)| *dashed) {
        let text = "only with other examples".to_owned();
        legend.push(("argument dashed".to_owned(), Line { text, style: Style::Small }));
    }
    legend
}

fn collect(placed: &Placed, kinds: &mut Vec<(EdgeKind, bool)>) {
    kinds.extend(placed.wires.iter().map(|wire| (wire.edge.kind, wire.edge.dashed)));
    for inner in placed.boxes.iter().flat_map(|one| &one.inside) {
        collect(&inner.placed, kinds);
    }
}

/// A smooth line from the first point to the last: an S where there is nothing between, else near the points, a uniform cubic B-spline.
fn curve(points: &[(f64, f64)], at: (f64, f64)) -> String {
    let shown = |x: f64, y: f64| format!("{},{}", round(at.0 + x), round(at.1 + y));
    let mix = |one: (f64, f64), a: f64, two: (f64, f64), b: f64| {
        shown((one.0 * a + two.0 * b) / (a + b), (one.1 * a + two.1 * b) / (a + b))
    };
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else { return String::new() };
    if let [_, start, end, _] = points {
        let middle = (start.1 + end.1) / 2.0;
        return format!(
            "M{} L{} C{} {} {} L{}",
            shown(first.0, first.1),
            shown(start.0, start.1),
            shown(start.0, middle),
            shown(end.0, middle),
            shown(end.0, end.1),
            shown(last.0, last.1)
        );
    }
    let bend = |one: (f64, f64), two: (f64, f64), three: (f64, f64)| {
        let end = ((one.0 + 4.0 * two.0 + three.0) / 6.0, (one.1 + 4.0 * two.1 + three.1) / 6.0);
        format!(" C{} {} {}", mix(one, 2.0, two, 1.0), mix(one, 1.0, two, 2.0), shown(end.0, end.1))
    };
    let mut path = format!("M{}", shown(first.0, first.1));
    if let [_, second, ..] = points {
        let _ = write!(path, " L{}", mix(first, 5.0, *second, 1.0));
    }
    for span in points.windows(3) {
        let [one, two, three] = span else { continue };
        path.push_str(&bend(*one, *two, *three));
    }
    if let [.., before, _] = points {
        path.push_str(&bend(*before, last, last));
    }
    let _ = write!(path, " L{}", shown(last.0, last.1));
    path
}

/// One digit after the point is finer than anybody sees.
fn round(value: f64) -> String {
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no such letters.
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
