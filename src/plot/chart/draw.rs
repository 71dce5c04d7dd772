//! Drawing a chart.

use super::{Chart, ChartAxis, Curve, Direction, Label, LegendEntry, LegendPlace, Marker, Region};
use crate::plot::Figure;
use crate::plot::axis::Axis;
use crate::plot::caption::Caption;
use crate::plot::frame::{Frame, INLINE_SIZE, MARGIN};
use crate::plot::legend::{Entry, Legend, Place, Swatch, draw_star, hidden};
use crate::plot::palette::{DARK, Role};
use crate::plot::svg::{Anchor, Paint, Path, Rect, Svg, TextStyle};
use crate::plot::text::Rich;

const EDGE_WIDTH: f64 = 0.6;
/// Between a marker's line and its label, and between the label and the frame.
const LABEL_GAP: f64 = 1.8;
const LABEL_INSET: f64 = 6.0;
/// Between the panel and a legend beside it.
const BESIDE_GAP: f64 = 3.0;
/// Half the length of curve that a star counts as when the legend looks for its place.
const STAR_REACH: f64 = 5.0;
/// What is zero on a logarithmic axis stands this many lengths of the axis below it.
const FAR_BELOW: f64 = -2.0;
/// Curves are cut this many lengths of the axes outside of the panel.
const FAR_OUTSIDE: f64 = 3.0;

impl Figure for Chart {
    fn to_svg(&self) -> String {
        let title = Rich::parse(&self.title);
        let column = self.look.layout_width();
        let frame = self.frame();
        let curves = self.obstacles(&frame);
        let legend = self.legend();
        let place = self.place_of(&legend, &frame, &curves);
        let [legend_width, legend_height] = legend.size(1.0);
        let beside = if place == LegendPlace::Beside { BESIDE_GAP + legend_width } else { 0.0 };
        let caption = Caption::new(&self.caption, column - 2.0 * MARGIN);
        let caption_top = frame.rect.bottom() + Frame::BELOW + 2.0;
        let height = (caption_top + caption.height()).max(frame.rect.y + legend_height.min(frame.rect.height));
        let name = [title.letters(), Rich::parse(&self.heading).letters()].join(" ");
        let mut svg = Svg::new(column + beside, height + MARGIN, name.trim()).scaled(self.look.scale());
        frame.draw_title(&mut svg, &title, column);
        svg.clipped(frame.rect, |svg| self.draw_contents(svg, &frame));
        match place {
            LegendPlace::Inside(at) => legend.draw_at(&mut svg, frame.rect, Place(at)),
            LegendPlace::Beside => {
                let scale = (frame.rect.height / legend_height).min(1.0);
                legend.draw(&mut svg, [frame.rect.right() + BESIDE_GAP, frame.rect.y], scale);
            }
        }
        frame.draw(&mut svg);
        // Whole, also where it stands on the frame.
        for (star, at) in self.stars.iter().filter_map(|star| Some((star, frame.place(star.at)?))) {
            if frame.rect.holds(at) {
                draw_star(&mut svg, at, 1.0, star.is_open);
            }
        }
        caption.draw(&mut svg, [MARGIN, caption_top]);
        self.look.palette.applied(&svg.finish())
    }
}

impl Chart {
    /// Where the legend stands in the picture, for a script that puts it there too.
    pub fn legend_place(&self) -> LegendPlace {
        let frame = self.frame();
        self.place_of(&self.legend(), &frame, &self.obstacles(&frame))
    }

    /// Clear of all curves; or, framed, on what stands behind all.
    fn place_of(&self, legend: &Legend, frame: &Frame, [own, behind]: &[Vec<Vec<[f64; 2]>>; 2]) -> LegendPlace {
        let all = [own.as_slice(), behind].concat();
        let place = legend.free_place(frame.rect, &all).or_else(|| legend.free_place(frame.rect, own));
        place.map_or(LegendPlace::Beside, |Place(at)| LegendPlace::Inside(at))
    }

    fn frame(&self) -> Frame {
        let axis = |axis: &ChartAxis| Axis::new(axis.label.as_str(), axis.low, axis.high, axis.scale);
        Frame::in_column(axis(&self.x), axis(&self.y), &Rich::parse(&self.title), self.look.layout_width())
    }

    fn draw_contents(&self, svg: &mut Svg, frame: &Frame) {
        // Of what stands behind all, areas cover areas, but no edge; what they leave of the new is seen.
        let (behind, own): (Vec<&Region>, Vec<&Region>) = self.regions.iter().partition(|region| region.is_behind());
        behind.iter().for_each(|region| svg.path(&region.placed(frame), region.area()));
        let edges = behind.iter().filter(|region| region.has_edge);
        edges.for_each(|region| svg.path(&region.placed(frame), region.edge()));
        own.iter().for_each(|region| region.draw(svg, frame));
        for (marker, placed) in self.placed_markers(frame) {
            marker.draw(svg, &placed);
        }
        for curve in self.curves.iter().rev() {
            let path = curve.placed(frame).into_iter().fold(Path::default(), |path, piece| path.polyline(piece, false));
            svg.path(&path, Paint::of_line(curve.role));
        }
        for Label { at, text, role } in &self.labels {
            frame.draw_label(svg, *at, text, role.label_colour());
        }
    }

    /// Curves and outlines on the canvas, and the outlines of what stands behind them.
    fn lines(&self, frame: &Frame) -> [Vec<Vec<[f64; 2]>>; 2] {
        let outlines = |is_behind: bool| {
            let regions = self.regions.iter().filter(move |region| region.is_behind() == is_behind);
            regions.flat_map(|region| &region.outlines).map(|outline| frame.placed(outline).collect())
        };
        let curves = self.curves.iter().flat_map(|curve| curve.placed(frame));
        [curves.chain(outlines(false)).collect(), outlines(true).collect()]
    }

    fn placed_markers(&self, frame: &Frame) -> Vec<(&Marker, PlacedMarker)> {
        let lines = self.lines(frame).concat();
        self.markers.iter().filter_map(|marker| Some((marker, marker.placed(frame, &lines)?))).collect()
    }

    /// What lies on the canvas for the legend to keep clear of, and what it had better keep clear of.
    fn obstacles(&self, frame: &Frame) -> [Vec<Vec<[f64; 2]>>; 2] {
        let [mut obstacles, behind] = self.lines(frame);
        for (_, PlacedMarker { ends, room, .. }) in self.placed_markers(frame) {
            let corners =
                [[room.x, room.y], [room.right(), room.y], [room.right(), room.bottom()], [room.x, room.bottom()]];
            obstacles.extend([ends.to_vec(), corners.to_vec()]);
        }
        for [x, y] in self.stars.iter().filter_map(|star| frame.place(star.at)) {
            obstacles.push(vec![[x - STAR_REACH, y], [x + STAR_REACH, y]]);
        }
        for (label, [x, y]) in self.labels.iter().filter_map(|label| Some((label, frame.place(label.at)?))) {
            let half = Rich::parse(&label.text).width(INLINE_SIZE, false) / 2.0;
            obstacles.push(vec![[x - half, y], [x + half, y]]);
        }
        [obstacles, behind]
    }

    fn legend(&self) -> Legend {
        let entry = |entry: LegendEntry| {
            let (swatch, label) = match entry {
                LegendEntry::Curve(curve, None) if curve.role == Role::Missing => {
                    (Swatch::Hatched(Paint::of_line(curve.role)), &curve.label)
                }
                LegendEntry::Curve(curve, None) => (Swatch::Line(Paint::of_line(curve.role)), &curve.label),
                LegendEntry::Curve(curve, Some(region)) => {
                    (Swatch::AreaWithLine(region.area(), Paint::of_line(curve.role)), &curve.label)
                }
                // As in the panel: our own area lies over what is new of it.
                LegendEntry::Region(region) if region.role == Role::New => {
                    let over = self.regions.iter().find(|over| !over.is_behind()).map_or(region.area(), Region::area);
                    (Swatch::TwoAreas(region.area(), over), &region.label)
                }
                LegendEntry::Region(region) if region.has_edge => {
                    (Swatch::AreaWithEdge(region.area(), region.edge()), &region.label)
                }
                LegendEntry::Region(region) => (Swatch::Area(region.area()), &region.label),
                LegendEntry::Star(star) => (Swatch::Star(star.is_open), &star.label),
            };
            Entry { swatch, label: Rich::parse(label) }
        };
        Legend {
            heading: Rich::parse(&self.heading),
            entries: self.legend_entries().into_iter().map(entry).collect(),
            note: Rich::parse(&self.note),
            framed: self.regions.iter().any(Region::is_behind),
        }
    }
}

impl Curve {
    /// Its pieces on the canvas, cut where a point is nowhere.
    fn placed(&self, frame: &Frame) -> Vec<Vec<[f64; 2]>> {
        let at = |axis: &Axis, value: f64| match axis.at(value) {
            None if value == 0.0 => Some(FAR_BELOW),
            at => at.map(|at| at.clamp(-FAR_OUTSIDE, 1.0 + FAR_OUTSIDE)),
        };
        let rect = frame.rect;
        let place = |[x, y]: [f64; 2]| {
            let (x, y) = (at(&frame.x, x)?, at(&frame.y, y)?);
            Some([rect.x + rect.width * x, rect.bottom() - rect.height * y])
        };
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            let placed: Vec<_> = piece.iter().map(|point| place(*point)).collect();
            pieces
                .extend(placed.split(Option::is_none).map(|piece| piece.iter().copied().flatten().collect::<Vec<_>>()));
        }
        pieces
    }
}

impl Region {
    /// Whether it stands behind all that is the chart's own.
    fn is_behind(&self) -> bool {
        matches!(self.role, Role::Muted(_) | Role::New)
    }

    fn draw(&self, svg: &mut Svg, frame: &Frame) {
        let path = self.placed(frame);
        svg.path(&path, self.area());
        if self.has_edge {
            svg.path(&path, self.edge());
        }
    }

    fn placed(&self, frame: &Frame) -> Path {
        let add = |path: Path, outline: &Vec<[f64; 2]>| path.polyline(frame.placed(outline), true);
        self.outlines.iter().fold(Path::default(), add)
    }

    fn area(&self) -> Paint<'static> {
        Paint::fill(self.role.area_colour(), self.role.area_opacity())
    }

    fn edge(&self) -> Paint<'static> {
        Paint::stroke(self.role.colour(), EDGE_WIDTH.min(self.role.line_width()))
    }
}

/// A marker on the canvas.
struct PlacedMarker {
    ends: [[f64; 2]; 2],
    label: Rich,
    size: f64,
    /// Where the base line of the label begins, and the room that it takes.
    start: [f64; 2],
    room: Rect,
}

impl Marker {
    /// Its label stands at that end where it covers the least of the curves; `None` off the panel.
    fn placed(&self, frame: &Frame, curves: &[Vec<[f64; 2]>]) -> Option<PlacedMarker> {
        let rect = frame.rect;
        let (axis, length) = match self.direction {
            Direction::Vertical => (&frame.x, rect.height),
            Direction::Horizontal => (&frame.y, rect.width),
        };
        let at = axis.at(self.at).filter(|at| (0.0..=1.0).contains(at))?;
        let label = Rich::parse(&self.label);
        let size = label.size_to_fit(INLINE_SIZE, false, length - 2.0 * LABEL_INSET);
        let width = label.width(size, false);
        let (ends, rooms) = match self.direction {
            Direction::Vertical => {
                let x = rect.x + rect.width * at;
                let tops = [rect.y + LABEL_INSET, rect.bottom() - LABEL_INSET - width];
                let room = |y: f64| Rect { x: x - LABEL_GAP - size, y, width: size, height: width };
                ([[x, rect.y], [x, rect.bottom()]], tops.map(room))
            }
            Direction::Horizontal => {
                let y = rect.bottom() - rect.height * at;
                let lefts = [rect.right() - LABEL_INSET - width, rect.x + LABEL_INSET];
                let room = |x: f64| Rect { x, y: y - LABEL_GAP - size, width, height: size };
                ([[rect.x, y], [rect.right(), y]], lefts.map(room))
            }
        };
        let room = rooms.into_iter().min_by_key(|room| hidden(*room, curves))?;
        let start = match self.direction {
            Direction::Vertical => [room.right(), room.bottom()],
            Direction::Horizontal => [room.x, room.bottom()],
        };
        Some(PlacedMarker { ends, label, size, start, room })
    }

    fn draw(&self, svg: &mut Svg, PlacedMarker { ends, label, size, start, .. }: &PlacedMarker) {
        svg.line(ends[0], ends[1], Paint::of_line(Role::Marker));
        let upwards = self.direction == Direction::Vertical;
        svg.text(label, *start, TextStyle { colour: DARK, upwards, ..TextStyle::new(*size, Anchor::Start) });
    }
}
