//! Lists: tables for people, CSV and JSON for programs; which columns, in which order, how many rows.

use std::cmp::Ordering;

use clap::builder::PossibleValuesParser;
use serde_json::Value;

use super::output::{AdminAnswer, Cell, Pages, View};
use super::select::{Names, whole};
use crate::failure::{Failure, Language};
use crate::module::Text;

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// The columns that matter most; what is long is cut.
    Table,
    /// All columns in full.
    Wide,
    /// All columns in full, for programs.
    Csv,
    /// Documents for programs.
    Json,
}

const FORMATS: [(&str, Format); 4] = [
    ("table", Format::Table),
    ("wide", Format::Wide),
    ("csv", Format::Csv),
    ("json", Format::Json),
];

const FORMAT: Names<Format> = Names {
    shown: formats,
    known: formats,
    read: |text| {
        let found = FORMATS.iter().find(|(word, _)| *word == text);
        found.map(|(_, format)| *format)
    },
};

fn formats() -> Vec<String> {
    FORMATS.map(|(word, _)| word.to_owned()).to_vec()
}

/// Options of all lists. The columns' names are added by [`with_columns`].
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Layout {
    /// A table of 80 columns, all columns in full, CSV, or JSON (the same as --json)
    #[arg(short = 'o', long, value_name = "FORMAT", value_parser = FORMAT)]
    pub(super) format: Option<Format>,
    /// Sort by this column; nothing is printed before all is read
    #[arg(long, value_name = "COLUMN")]
    pub(super) sort: Option<String>,
    /// Print so many rows at most
    #[arg(long, value_name = "COUNT", value_parser = whole::<usize>)]
    pub(super) limit: Option<usize>,
    /// Columns of the table or CSV, separated by commas
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(super) columns: Vec<String>,
}

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Its name in options and CSV.
    pub(super) word: &'static str,
    /// Its head in a table.
    pub(super) head: Text,
    /// So many characters a table shows of it; 0 for all.
    pub(super) most: usize,
}

impl Column {
    /// A column.
    pub(super) const fn new(word: &'static str, head: Text, most: usize) -> Self {
        Self { word, head, most }
    }
}

/// The command of a list with the names of its columns where options take them.
pub(super) fn with_columns(command: clap::Command, columns: &[Column]) -> clap::Command {
    let words: Vec<&'static str> = columns.iter().map(|column| column.word).collect();
    ["sort", "columns"]
        .into_iter()
        .fold(command, |command, id| {
            let parser = PossibleValuesParser::new(words.clone());
            command.mut_arg(id, |argument| argument.value_parser(parser))
        })
}

/// One row, and what programs read in its place.
#[derive(Debug, Default)]
pub(super) struct Row {
    cells: Vec<Cell>,
    document: Value,
}

/// A list on its way out. Rows are printed as they come unless they have to be sorted.
pub(super) struct List<'a> {
    view: &'a View,
    layout: &'a Layout,
    format: Format,
    columns: &'static [Column],
    /// Places of the columns that are printed.
    shown: Vec<usize>,
    /// Place of the column that is sorted by.
    sort: Option<usize>,
    held: Vec<Row>,
    found: usize,
    printed: usize,
    pages: Pages,
}

impl<'a> List<'a> {
    /// A list of these columns, of which a table shows some unless others are asked for.
    pub(super) fn new(
        view: &'a View,
        layout: &'a Layout,
        columns: &'static [Column],
        usual: &[&str],
    ) -> Self {
        let place = |word: &str| columns.iter().position(|column| column.word == word);
        let format = match (view.json, layout.format) {
            (true, _) => Format::Json,
            (false, format) => format.unwrap_or(Format::Table),
        };
        let shown = match (layout.columns.as_slice(), format) {
            ([], Format::Table) => usual.iter().filter_map(|word| place(word)).collect(),
            ([], _) => (0..columns.len()).collect(),
            (words, _) => words.iter().filter_map(|word| place(word)).collect(),
        };
        Self {
            view,
            layout,
            format,
            columns,
            shown,
            sort: layout.sort.as_deref().and_then(place),
            held: Vec::new(),
            found: 0,
            printed: 0,
            pages: Pages::default(),
        }
    }

    /// Whether programs read it as documents.
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether people read it.
    pub(super) fn is_for_people(&self) -> bool {
        matches!(self.format, Format::Table | Format::Wide)
    }

    /// A row: its document where programs read that, and its cells, in the order of all columns, where they are needed.
    pub(super) fn row(
        &self,
        cells: impl FnOnce() -> Vec<Cell>,
        document: impl FnOnce() -> Value,
    ) -> Row {
        let (mut row, is_json) = (Row::default(), self.is_json());
        if !is_json || self.sort.is_some() {
            row.cells = cells();
        }
        if is_json {
            row.document = document();
        }
        row
    }

    /// Takes further rows. Whether anybody still reads.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub(super) fn add(&mut self, rows: Vec<Row>) -> Result<bool, Failure> {
        self.found += rows.len();
        if self.sort.is_some() {
            self.held.extend(rows);
            self.drop_surplus();
            return Ok(true);
        }
        let text = self.text(rows)?;
        self.view.print(&text)
    }

    /// Of what is sorted, only what will be printed is kept.
    fn drop_surplus(&mut self) {
        if let (Some(place), Some(limit)) = (self.sort, self.layout.limit)
            && self.held.len() > limit.saturating_mul(2).max(FEW)
        {
            sort(&mut self.held, place);
            self.held.truncate(limit);
        }
    }

    /// The rows that may still be printed, as they are printed.
    fn text(&mut self, mut rows: Vec<Row>) -> Result<String, Failure> {
        let left = self.layout.limit.map(|limit| limit - self.printed);
        rows.truncate(left.unwrap_or(usize::MAX));
        self.printed += rows.len();
        if self.format == Format::Json {
            let documents: Vec<Value> = rows.into_iter().map(|row| row.document).collect();
            return self.pages.json(self.view, &documents);
        }
        if self.format == Format::Csv {
            let head = match self.printed == rows.len() && !rows.is_empty() {
                true => self.csv_head(),
                false => String::new(),
            };
            return Ok(rows.iter().fold(head, |text, row| text + &self.csv(row)));
        }
        let is_cut = self.format == Format::Table;
        let heads: Vec<&str> = self.shown_columns(|column| self.view.say(&column.head));
        let most: Vec<usize> = self.shown_columns(|column| if is_cut { column.most } else { 0 });
        let rows: Vec<Vec<Cell>> = rows
            .iter()
            .map(|row| {
                let places = self.shown.iter().zip(&most);
                places
                    .map(|(place, most)| row.cells[*place].on_one_line(*most))
                    .collect()
            })
            .collect();
        Ok(self.pages.table(self.view, &heads, &rows))
    }

    fn shown_columns<T>(&self, of: impl Fn(&Column) -> T) -> Vec<T> {
        let places = self.shown.iter();
        places.map(|place| of(&self.columns[*place])).collect()
    }

    fn csv_head(&self) -> String {
        self.shown_columns(|column| column.word).join(",") + "\n"
    }

    fn csv(&self, row: &Row) -> String {
        let fields: Vec<String> = self
            .shown
            .iter()
            .map(|place| csv_field(row.cells[*place].text()))
            .collect();
        fields.join(",") + "\n"
    }

    /// The end: what was held back, and for people the number of rows, which stands for `__count__`.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub(super) fn end(mut self, none: &Text, count: &Text) -> Result<AdminAnswer, Failure> {
        let mut text = String::new();
        if let Some(place) = self.sort {
            let mut held = std::mem::take(&mut self.held);
            sort(&mut held, place);
            text = self.text(held)?;
        }
        match (self.format, self.found) {
            (Format::Json, _) => text += self.pages.json_end(),
            (Format::Csv, _) if self.printed == 0 => text += &self.csv_head(),
            (Format::Csv, _) => {}
            (_, 0) => text += &format!("{}\n", self.view.say(none)),
            (_, found) if found == self.printed => {
                text += &self.counted(count, &found.to_string());
            }
            (_, found) => {
                let of = match self.view.language {
                    Language::English => "of",
                    Language::Russian => "из",
                };
                text += &self.counted(count, &format!("{} {of} {found}", self.printed));
            }
        }
        Ok(AdminAnswer::done(text))
    }

    fn counted(&self, count: &Text, number: &str) -> String {
        let line = self.view.say(count).replace("__count__", number);
        format!("{line}\n")
    }
}

/// So many rows are kept to be sorted in any case.
const FEW: usize = 1000;

/// Sorts by a column; what is equal there stays in its order.
fn sort(rows: &mut [Row], place: usize) {
    rows.sort_by(|one, other| compare(one.cells[place].text(), other.cells[place].text()));
}

/// By numbers where both begin with one, else by letters; what is empty comes last.
fn compare(one: &str, other: &str) -> Ordering {
    let number = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
        let digits = &text[..end.unwrap_or(text.len())];
        digits.parse::<f64>().unwrap_or(f64::INFINITY)
    };
    one.is_empty()
        .cmp(&other.is_empty())
        .then_with(|| number(one).total_cmp(&number(other)))
        .then_with(|| one.to_lowercase().cmp(&other.to_lowercase()))
}

/// As RFC 4180 writes it.
///
/// Spreadsheets run what begins like a formula, and clients write names: such a field begins with an apostrophe.
fn csv_field(text: &str) -> String {
    let is_formula =
        text.len() > 1 && text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err();
    let text = match is_formula {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Text = Text::new("none", "нет");
    const COUNT: Text = Text::new("things: __count__", "вещей: __count__");
    static COLUMNS: [Column; 3] = [
        Column::new("id", Text::new("id", "ID"), 0),
        Column::new("name", Text::new("name", "имя"), 8),
        Column::new("note", Text::new("note", "заметка"), 0),
    ];

    fn view(json: bool) -> View {
        View {
            language: Language::English,
            json,
            color: false,
        }
    }

    /// What is printed of three rows, which come at once, and of the end.
    fn printed(layout: &Layout, json: bool) -> String {
        let view = view(json);
        let mut list = List::new(&view, layout, &COLUMNS, &["id", "name"]);
        let rows = [
            ("10", "b.example.com", "x, \"y\""),
            ("9", "A.example", ""),
            ("2", "", "two\nlines"),
        ];
        let rows: Vec<Row> = rows
            .iter()
            .map(|(id, name, note)| {
                let cells = || vec![(*id).into(), (*name).into(), (*note).into()];
                list.row(cells, || serde_json::json!({ "id": id }))
            })
            .collect();
        list.found += rows.len();
        let mut text = String::new();
        match list.sort {
            Some(_) => list.held = rows,
            None => text = list.text(rows).unwrap(),
        }
        text + &list.end(&NONE, &COUNT).unwrap().text
    }

    fn with(format: Format) -> Layout {
        Layout {
            format: Some(format),
            ..Layout::default()
        }
    }

    #[test]
    fn a_table_shows_what_matters_cut_and_counted() {
        assert_eq!(
            printed(&Layout::default(), false),
            "id  name\n10  b.examp…\n9   A.examp…\n2\nthings: 3\n"
        );
        assert_eq!(
            printed(&with(Format::Wide), false),
            "id  name           note\n10  b.example.com  x, \"y\"\n9   A.example\n2                  two lines\nthings: 3\n"
        );
    }

    #[test]
    fn columns_order_and_number_of_rows_are_chosen() {
        let layout = Layout {
            sort: Some("id".into()),
            limit: Some(2),
            columns: vec!["note".into(), "id".into()],
            ..Layout::default()
        };
        assert_eq!(
            printed(&layout, false),
            "note       id\ntwo lines  2\n           9\nthings: 2 of 3\n"
        );
        let layout = Layout {
            sort: Some("name".into()),
            limit: Some(0),
            ..Layout::default()
        };
        assert_eq!(printed(&layout, false), "things: 0 of 3\n");
    }

    #[test]
    fn programs_get_csv_and_json_without_a_count() {
        assert_eq!(
            printed(&with(Format::Csv), false),
            "id,name,note\n10,b.example.com,\"x, \"\"y\"\"\"\n9,A.example,\n2,,\"two\nlines\"\n"
        );
        let layout = Layout {
            sort: Some("name".into()),
            limit: Some(2),
            ..with(Format::Json)
        };
        for (layout, json) in [(&layout, false), (&layout, true)] {
            let list: Value = serde_json::from_str(&printed(layout, json)).unwrap();
            assert_eq!(list, serde_json::json!([{ "id": "9" }, { "id": "10" }]));
        }
    }

    #[test]
    fn what_begins_like_a_formula_is_text_and_numbers_stay_numbers() {
        for (text, field) in [
            ("=1+1", "'=1+1"),
            ("+cmd", "'+cmd"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("=A1,B1", "\"'=A1,B1\""),
            ("-5", "-5"),
            ("-12.50", "-12.50"),
            ("-", "-"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(csv_field(text), field);
        }
    }

    #[test]
    fn of_many_sorted_rows_only_those_that_are_printed_are_kept() {
        let (view, layout) = (
            view(false),
            Layout {
                sort: Some("id".into()),
                limit: Some(3),
                ..Layout::default()
            },
        );
        let mut list = List::new(&view, &layout, &COLUMNS, &["id"]);
        for page in 0..10 {
            let rows = (0..500).map(|number| {
                let id = (5000 - page * 500 - number).to_string();
                list.row(|| vec![id.into(), "".into(), "".into()], || Value::Null)
            });
            let rows: Vec<Row> = rows.collect();
            assert!(list.add(rows).unwrap());
            assert!(list.held.len() <= FEW, "{}", list.held.len());
        }
        let text = list.end(&NONE, &COUNT).unwrap().text;
        assert_eq!(text, "id\n1\n2\n3\nthings: 3 of 5000\n");
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        let empty = |format| {
            let (view, layout) = (view(false), with(format));
            let list = List::new(&view, &layout, &COLUMNS, &["id"]);
            list.end(&NONE, &COUNT).unwrap().text
        };
        assert_eq!(empty(Format::Table), "none\n");
        assert_eq!(empty(Format::Csv), "id,name,note\n");
        assert_eq!(empty(Format::Json), "[]\n");
    }

    #[test]
    fn rows_are_sorted_by_numbers_then_letters_and_empty_ones_last() {
        let mut texts = [
            "",
            "b",
            "10.50 USD",
            "9.00 USD",
            "A",
            "2026-04-02",
            "2026-01-03",
        ];
        texts.sort_by(|one, other| compare(one, other));
        assert_eq!(
            texts,
            [
                "9.00 USD",
                "10.50 USD",
                "2026-01-03",
                "2026-04-02",
                "A",
                "b",
                ""
            ]
        );
    }
}
