//! Tables of people: a row of column headings, then rows of cells, perhaps running on to the next page.

use super::lexicon::{Lexicon, Meaning};
use super::neighbours::{Neighbours, Role};
use super::units::{Token, Unit};
use crate::domain::field::Rect;
use crate::extraction::page::Source;
use crate::schemas::Column;

/// Rows beyond this are no table of users.
const MOST_ROWS: usize = 40;
/// Running heads stand above this, in points.
const HEAD_OF_PAGE: f32 = 70.0;
/// Running feet stand below this.
const FOOT_OF_PAGE: f32 = 740.0;

/// So much of its height may a cell reach into the row above it.
const LEAN: f32 = 0.25;
/// No cell of a table of people is wider, in points.
const WIDEST_CELL: f32 = 480.0;

/// One column found on the paper.
#[derive(Debug, Clone)]
struct Head {
    /// Positions in the schema's columns; two for `Nom et prénom`, none for `N°`.
    columns: Vec<usize>,
    label: String,
    area: Rect,
    boxed: bool,
}

/// One printed cell.
#[derive(Debug, Clone)]
pub(super) struct CellText {
    pub columns: Vec<usize>,
    pub label: String,
    pub page: usize,
    pub area: Rect,
    pub tokens: Vec<Token>,
    pub unit: usize,
    pub boxed: bool,
    /// Read from a picture, where noise may have torn the ruling.
    pub seen: bool,
}

/// A table found, its rows in printed order, and the units it uses up.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub rows: Vec<Vec<CellText>>,
    pub units: Vec<usize>,
    pub label: String,
    pub head: Option<(usize, Rect)>,
    /// It may be about other people: no heading says whose it is, and another place has the same columns.
    pub unsure: bool,
}

/// Finds the table whose headings are the schema's columns.
pub(super) fn find(
    lexicon: &Lexicon,
    columns: &[Column],
    units: &[Unit],
    near: &Neighbours<'_>,
    allowed: impl Fn(usize) -> bool,
    own: impl Fn(usize) -> bool,
) -> Option<Table> {
    find_with(lexicon, columns, units, near, allowed, &own, 3.min(columns.len())).or_else(|| {
        // Under a heading that says nothing of the table, all its columns and several rows of cells speak for it.
        let whole = find_with(lexicon, columns, units, near, |_| true, &own, columns.len())?;
        (whole.rows.len() > 1).then_some(whole)
    })
}

fn find_with(
    lexicon: &Lexicon,
    columns: &[Column],
    units: &[Unit],
    near: &Neighbours<'_>,
    allowed: impl Fn(usize) -> bool,
    own: impl Fn(usize) -> bool,
    least: usize,
) -> Option<Table> {
    let meanings: Vec<Vec<Meaning>> = columns
        .iter()
        .map(|column| {
            let labels = &column.labels;
            labels.fr.iter().chain(&labels.ar).chain(&labels.en).map(|label| lexicon.meaning(label)).collect()
        })
        .collect();
    let is_head = |unit: &Unit| unit.widget.is_none() && unit.tokens.len() <= 8 && !unit.has_ticks();
    let mut found: Vec<Found> = Vec::new();
    let mut seen_rows: Vec<(usize, f32)> = Vec::new();
    for (at, unit) in units.iter().enumerate() {
        if !is_head(unit) || !allowed(at) || column_of(lexicon, &meanings, columns, unit).is_none() {
            continue;
        }
        let key = (unit.page, unit.area.y0);
        if seen_rows.iter().any(|(page, y)| *page == key.0 && (y - key.1).abs() < 3.0) {
            continue;
        }
        seen_rows.push(key);
        let row = row_of(unit, units, near);
        let mut heads = Vec::new();
        for other in &row {
            let other = &units[*other];
            if other.widget.is_some() {
                continue;
            }
            let columns = column_of(lexicon, &meanings, columns, other).unwrap_or_default();
            heads.push(Head { columns, label: other.text(), area: other.area, boxed: other.boxed });
        }
        let mut covered: Vec<usize> = heads.iter().flat_map(|head| head.columns.clone()).collect();
        covered.sort_unstable();
        covered.dedup();
        let colons = row.iter().any(|at| units[*at].tokens.iter().any(|token| token.text.ends_with(':')));
        let named = heads.iter().filter(|head| !head.columns.is_empty()).count();
        if covered.len() < least || colons || named < 2 || heads.len() > named + 3 {
            continue;
        }
        let label = heads.iter().map(|head| head.label.clone()).collect::<Vec<_>>().join(" | ");
        let own = own(at);
        let again = found.iter().position(|known| known.own == own && known.table.label == label);
        let known = again.unwrap_or_else(|| {
            let table = Table { label, head: Some((unit.page, unit.area)), ..Table::default() };
            found.push(Found { table, own, covered: covered.len(), heads: Vec::new() });
            found.len() - 1
        });
        let Found { table, heads: places, .. } = &mut found[known];
        places.push(unit.page);
        table.units.extend(row.iter().copied());
        rows_under(table, &heads, unit, units, near);
    }
    best_of(found)
}

/// A table in the making.
struct Found {
    table: Table,
    /// It stands under the heading of its own section.
    own: bool,
    /// How many of the schema's columns it has.
    covered: usize,
    /// Pages its headings stand on.
    heads: Vec<usize>,
}

/// The table under its own heading, else the one with most columns, else with most rows. People of whom no heading says who they
/// are may be anybody.
fn best_of(found: Vec<Found>) -> Option<Table> {
    let rivals = found.len() > 1;
    let best = found.into_iter().max_by_key(|found| (found.own, found.covered, found.table.rows.len()))?;
    let mut pages = best.heads.clone();
    pages.dedup();
    let unsure = !best.own && (rivals || pages.len() < best.heads.len());
    Some(Table { unsure, ..best.table })
}

fn column_of(lexicon: &Lexicon, meanings: &[Vec<Meaning>], columns: &[Column], unit: &Unit) -> Option<Vec<usize>> {
    let meaning = lexicon.meaning(&unit.text());
    if lexicon.says(&meaning, "nom_prenom") {
        let place = |key: &str| columns.iter().position(|column| column.key.as_str() == key);
        return Some([place("nom"), place("prenom")].into_iter().flatten().collect());
    }
    let best = meanings
        .iter()
        .enumerate()
        .map(|(at, known)| (at, known.iter().map(|known| lexicon.same(&meaning, known)).fold(0.0, f32::max)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (best.1 >= 0.8).then(|| vec![best.0])
}

/// Collects the rows under the headings, then at the top of the next page while they keep to the columns.
fn rows_under(table: &mut Table, heads: &[Head], head: &Unit, units: &[Unit], near: &Neighbours<'_>) {
    let (left, right) = (
        heads.iter().map(|head| head.area.x0).fold(f32::MAX, f32::min),
        heads.iter().map(|head| head.area.x1).fold(0.0, f32::max),
    );
    let mut page = head.page;
    let mut bottom = heads.iter().map(|head| head.area.y1).fold(head.area.y0, f32::max) - 1.0;
    let mut pitch = heads[0].area.height().max(10.0);
    for at in 0..units.len() {
        let lead = &units[at];
        if lead.page < page || table.units.contains(&at) || lead.area.x1 <= left || lead.area.x0 >= right {
            continue;
        }
        // Cells of a tilted sheet reach into the row above.
        let within = (LEAN * lead.area.height()).max(2.5);
        if lead.page == page && lead.area.y0 < bottom - within {
            continue;
        }
        let fresh = lead.page > page;
        // A running head or foot may begin where a column does.
        if is_running(lead) && row_of(lead, units, near).len() == 1 {
            continue;
        }
        if lead.page > page + 1 || table.rows.len() >= MOST_ROWS {
            return;
        }
        if is_beside_rows(at, units, near, heads) {
            continue;
        }
        let row = row_of(lead, units, near);
        let cells = cells_of(&row, heads, units, table);
        let whole = !cells.is_empty() && cells.len() + 1 >= row.iter().filter(|at| !table.units.contains(at)).count();
        let label = |at: &usize| {
            matches!(near.roles[*at], Role::Heading | Role::Prose | Role::Label) && !units[*at].has_ticks()
        };
        if !whole || !cells.iter().all(|cell| keeps(cell, heads)) || !fresh && lead.area.y0 - bottom > 2.2 * pitch {
            // Running heads and feet stand between the halves of a table; a heading or a label ends it.
            if is_running(lead) {
                continue;
            }
            return;
        }
        // Within ruling, what stands under the first heading tells rows from the labels that come after the table.
        let first = cells.iter().find(|cell| cell.columns.contains(&0));
        let ruled =
            cells.len() >= 3 && cells.iter().all(|cell| cell.boxed) && first.is_some_and(|cell| !label(&cell.unit));
        if !ruled && row.iter().any(label) || ruled && is_heading_again(&cells, heads) {
            // The column headings again on the next page.
            if fresh && is_heading_again(&cells, heads) {
                table.units.extend(row);
                continue;
            }
            return;
        }
        if is_next_heading(&cells, heads, table, units) {
            return;
        }
        let row_bottom = row.iter().map(|at| units[*at].area.y1).fold(lead.area.y1, f32::max);
        pitch = pitch.max((row_bottom - lead.area.y0).min(40.0));
        page = lead.page;
        bottom = row_bottom;
        table.units.extend(row);
        push_row(table, cells);
    }
}

/// The row of a unit without the heading that stands at the side of several rows.
fn row_of(lead: &Unit, units: &[Unit], near: &Neighbours<'_>) -> Vec<usize> {
    let tall = |other: &Unit| other.area.y1 > lead.area.y1 + 3.0 || other.area.y0 < lead.area.y0 - 3.0;
    let mut row = near.row(lead.page, &lead.area);
    row.retain(|at| near.roles[*at] != Role::Heading || !tall(&units[*at]));
    row
}

/// A heading at the side of the table, outside its columns.
fn is_beside_rows(at: usize, units: &[Unit], near: &Neighbours<'_>, heads: &[Head]) -> bool {
    let left = heads.iter().map(|head| head.area.x0).fold(f32::MAX, f32::min);
    near.roles[at] == Role::Heading && units[at].area.x1 <= left + 3.0
}

/// One text alone under full rows, in another weight than theirs: what comes after the table.
fn is_next_heading(cells: &[CellText], heads: &[Head], table: &Table, units: &[Unit]) -> bool {
    let filled = |row: &[CellText]| row.iter().filter(|cell| !cell.tokens.is_empty()).count();
    let [cell] = cells.iter().filter(|cell| !cell.tokens.is_empty()).collect::<Vec<_>>()[..] else { return false };
    let named = heads.iter().filter(|head| !head.columns.is_empty()).count();
    let weights = |row: &Vec<CellText>| row.iter().all(|other| units[other.unit].bold != units[cell.unit].bold);
    named >= 3 && table.rows.iter().any(|row| filled(row) >= 3) && table.rows.iter().all(weights)
}

fn is_heading_again(cells: &[CellText], heads: &[Head]) -> bool {
    cells.iter().all(|cell| heads.iter().any(|head| head.label == super::units::join(&cell.tokens)))
}

/// Above or below the body of a page. The edge of the paper is the frame of no cell.
fn is_running(unit: &Unit) -> bool {
    let within = unit.boxed && unit.area.width() < WIDEST_CELL;
    !within && (unit.ink.y0 < HEAD_OF_PAGE || unit.ink.y0 > FOOT_OF_PAGE)
}

fn cells_of(row: &[usize], heads: &[Head], units: &[Unit], table: &Table) -> Vec<CellText> {
    let mut cells = Vec::new();
    for at in row.iter().filter(|at| !table.units.contains(at)) {
        let unit = &units[*at];
        let Some(head) = column_at(heads, &unit.area) else { continue };
        cells.push(CellText {
            columns: head.columns.clone(),
            label: head.label.clone(),
            page: unit.page,
            area: unit.area,
            tokens: unit.tokens.clone(),
            unit: *at,
            boxed: unit.boxed,
            seen: unit.source == Source::Ocr,
        });
    }
    cells
}

/// Under ruled headings stand ruled cells or form fields, each within its column.
fn keeps(cell: &CellText, heads: &[Head]) -> bool {
    // A line that runs on under the next heading is no cell, though it begins like one.
    let runs_over = |head: &Head| {
        let next = heads.iter().map(|head| head.area.x0).filter(|x| *x > head.area.x1 - 2.0).reduce(f32::min);
        next.is_some_and(|next| cell.area.x1 > next + 4.0)
    };
    if cell.seen && !cell.boxed && column_at(heads, &cell.area).is_some_and(runs_over) {
        return false;
    }
    let spanned = heads.iter().filter(|head| (cell.area.x0..cell.area.x1).contains(&head.area.centre().0)).count();
    if cell.boxed && spanned > 1 {
        return false;
    }
    heads.iter().any(|head| {
        let begins = (head.area.x0 - cell.area.x0).abs() < 12.0;
        let centred = (head.area.centre().0 - cell.area.centre().0).abs() < 12.0;
        if head.boxed && !cell.seen {
            cell.boxed && begins
        } else {
            begins || centred || cell.boxed && head.area.x0 > cell.area.x0 && head.area.x1 < cell.area.x1
        }
    })
}

/// A line that fills only later columns and touches the row above runs on from it, unless ruling parts them.
fn push_row(table: &mut Table, cells: Vec<CellText>) {
    let later =
        |cell: &CellText| !cell.boxed && !cell.columns.is_empty() && cell.columns.iter().all(|column| *column >= 2);
    let runs_on = cells.iter().all(later);
    match table.rows.last_mut() {
        Some(last) if runs_on && cells.iter().all(|cell| last.iter().any(|above| above.columns == cell.columns)) => {
            for cell in cells {
                if let Some(above) = last.iter_mut().find(|above| above.columns == cell.columns) {
                    let line = above.tokens.last().map_or(0, |token| token.line) + 1;
                    above.tokens.extend(cell.tokens.into_iter().map(|token| Token { line, ..token }));
                    above.area = above.area.union(&cell.area);
                }
            }
        }
        _ => table.rows.push(cells),
    }
}

/// The column with which a cell shares most of its width.
fn column_at<'h>(heads: &'h [Head], area: &Rect) -> Option<&'h Head> {
    heads
        .iter()
        .map(|head| (head, head.area.x1.min(area.x1) - head.area.x0.max(area.x0)))
        .filter(|(_, shared)| *shared > 0.0)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(head, _)| head)
        .or_else(|| heads.iter().rev().find(|head| head.area.x0 <= area.x0 + 4.0))
}
