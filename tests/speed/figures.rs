//! Figures and how they are printed.

use std::time::Duration;

/// Times of repeated runs. Load only ever adds, so the least is the cost and the median what is usual.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<_> = times.into_iter().collect();
        times.sort_unstable();
        Self(times)
    }

    pub fn least(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }

    pub fn median(&self) -> Duration {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }
}

pub fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1000.0)
}

pub fn mebibytes(bytes: u64) -> String {
    format!("{:.2}", bytes as f64 / f64::from(1024 * 1024))
}

/// A table in Markdown, readable on a terminal: the first column to the left, all others to the right.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(head: &[&str]) -> Self {
        let mut table = Self { rows: Vec::new() };
        table.add(head.iter().map(|word| (*word).to_owned()));
        table
    }

    pub fn add(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }

    pub fn print(&self) {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (number, row) in self.rows.iter().enumerate() {
            let cells = row.iter().zip(&widths).enumerate();
            let cells = cells.map(|(column, (cell, width))| {
                if column == 0 {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
            println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
            if number == 0 {
                let lines = widths.iter().enumerate().map(|(column, width)| {
                    let colon = if column == 0 { "-" } else { ":" };
                    format!("{}{colon}", "-".repeat(width + 1))
                });
                println!("|{}|", lines.collect::<Vec<_>>().join("|"));
            }
        }
        println!();
    }
}

/// Budgets and whether they hold.
#[derive(Default)]
pub struct Budgets {
    table: Option<Table>,
    broken: usize,
}

impl Budgets {
    /// Notes one: what, how much is allowed, how much it is.
    pub fn add(&mut self, what: &str, allowed: &str, measured: &str, holds: bool) {
        let table = self
            .table
            .get_or_insert_with(|| Table::new(&["budget", "allowed", "measured", "verdict"]));
        let verdict = if holds { "holds" } else { "DOES NOT HOLD" };
        table.add([what, allowed, measured, verdict].map(str::to_owned));
        self.broken += usize::from(!holds);
    }

    /// Prints all; whether all hold.
    pub fn print(&self) -> bool {
        if let Some(table) = &self.table {
            table.print();
        }
        self.broken == 0
    }
}
