//! Reads a picture and looks whether it is whole: no boxes that overlap, no text that leaves its box or lies under another.

#[derive(Clone, Copy, Debug)]
struct Rect {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Rect {
    fn overlaps(&self, other: &Rect) -> bool {
        let apart = self.x + self.width <= other.x
            || other.x + other.width <= self.x
            || self.y + self.height <= other.y
            || other.y + other.height <= self.y;
        !apart
    }

    fn holds(&self, other: &Rect) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.x + other.width <= self.x + self.width + 0.2
            && other.y + other.height <= self.y + self.height + 0.2
    }
}

/// A group of the picture: its box, the lines of text that belong to it, the boxes within.
#[derive(Debug, Default)]
struct Group {
    rect: Option<Rect>,
    texts: Vec<(String, Rect)>,
    groups: Vec<Group>,
}

fn number(line: &str, name: &str) -> f64 {
    let start = line.find(&format!(" {name}=\"")).unwrap_or_else(|| panic!("no {name} in {line}")) + name.len() + 3;
    line[start..].split('"').next().unwrap().parse().unwrap()
}

/// The picture is written one element a line.
fn parse(svg: &str) -> Group {
    let mut open = vec![Group::default()];
    for line in svg.lines() {
        if line.starts_with("<g ") {
            let start = line.find("<rect").unwrap();
            let line = &line[start..];
            let rect = Rect {
                x: number(line, "x"),
                y: number(line, "y"),
                width: number(line, "width"),
                height: number(line, "height"),
            };
            open.push(Group { rect: Some(rect), ..Group::default() });
        } else if line.starts_with("</g>") {
            let group = open.pop().unwrap();
            open.last_mut().unwrap().groups.push(group);
        } else if line.starts_with("<text") {
            let size = match line.split('"').nth(1).unwrap() {
                "heading" => 14.0,
                "title" => 13.0,
                _ => 11.0,
            };
            let text = line.split('>').nth(1).unwrap().trim_end_matches("</text").to_owned();
            let (x, y, width) = (number(line, "x"), number(line, "y"), number(line, "textLength"));
            let letters = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            // As wide as its letters are in any usual monospaced font.
            assert!(width >= letters.chars().count() as f64 * size * 0.6 - 0.1, "{line}");
            open.last_mut().unwrap().texts.push((text, Rect { x, y: y - size * 0.8, width, height: size }));
        }
    }
    assert_eq!(open.len(), 1);
    open.pop().unwrap()
}

fn check(group: &Group, whole: &Rect, what: &str) -> usize {
    let rect = group.rect.unwrap_or(*whole);
    for (text, place) in &group.texts {
        assert!(rect.holds(place), "{what}: `{text}` is cut: {place:?} in {rect:?}");
        for other in &group.groups {
            let other = other.rect.unwrap();
            assert!(!other.overlaps(place), "{what}: `{text}` lies under a box: {place:?}, {other:?}");
        }
    }
    for (place, one) in group.groups.iter().enumerate() {
        let one_rect = one.rect.unwrap();
        assert!(rect.holds(&one_rect), "{what}: {one_rect:?} sticks out of {rect:?}");
        for other in &group.groups[place + 1..] {
            let other = other.rect.unwrap();
            assert!(!one_rect.overlaps(&other), "{what}: {one_rect:?} and {other:?} overlap");
        }
    }
    group.groups.len() + group.groups.iter().map(|group| check(group, whole, what)).sum::<usize>()
}

/// Checks a picture; gives the number of its boxes.
pub fn is_whole(svg: &str, what: &str) -> usize {
    let head = svg.lines().next().unwrap();
    let whole = Rect { x: 0.0, y: 0.0, width: number(head, "width"), height: number(head, "height") };
    check(&parse(svg), &whole, what)
}
