//! Progress of a long computation: a bar on a terminal, plain lines elsewhere, nothing when quiet; and Ctrl-C.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::scan::Observer;

use super::{signals, terminal};

/// Between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Watches a computation for the user.
pub struct Progress {
    quiet: bool,
    counts_points: bool,
    bar: Option<ProgressBar>,
    total: AtomicUsize,
    done: AtomicUsize,
    started: Instant,
    last_line: Mutex<Instant>,
}

impl Progress {
    /// For `total` points. From here on the first Ctrl-C asks the computation to stop, the second ends the process.
    pub fn new(total: usize, quiet: bool) -> Progress {
        Progress::counting(true, total, quiet)
    }

    /// The same for work of several kinds, `total` points or what takes as long.
    pub fn of_mixed_work(total: usize, quiet: bool) -> Progress {
        Progress::counting(false, total, quiet)
    }

    fn counting(counts_points: bool, total: usize, quiet: bool) -> Progress {
        signals::watch_interrupts();
        let now = Instant::now();
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let style = match counts_points {
                true => "{bar:32.cyan/dim} {percent:>3} %  {human_pos} points  {per_sec}  {eta} left",
                false => "{bar:32.cyan/dim} {percent:>3} %  {elapsed} gone, {eta} left",
            };
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
            // Templates are constants; were one wrong, the default style would do.
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar
        });
        Progress {
            quiet,
            counts_points,
            bar,
            total: AtomicUsize::new(total),
            done: AtomicUsize::new(0),
            started: now,
            last_line: Mutex::new(now),
        }
    }

    /// The work is `total` in all, as is known by now.
    pub fn expect(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.set_length(total as u64);
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Progress {
    fn advance(&self, points: usize) {
        let done = self.done.fetch_add(points, Ordering::Relaxed) + points;
        if let Some(bar) = &self.bar {
            bar.inc(points as u64);
        } else if !self.quiet
            && let Ok(mut last) = self.last_line.lock()
            && last.elapsed() >= LINE_INTERVAL
        {
            *last = Instant::now();
            let elapsed = self.started.elapsed().as_secs_f64();
            let rate = done as f64 / elapsed;
            // Where the work is not known beforehand there may be more of it than was thought.
            let total = self.total.load(Ordering::Relaxed).max(done);
            let left = if done > 0 { format!("  {:.0} s left", (total - done) as f64 / rate) } else { String::new() };
            let percent = 100.0 * done as f64 / total as f64;
            let points = if self.counts_points { format!("  {done} points  {rate:.0}/s") } else { String::new() };
            terminal::error_line(&format!("{percent:3.0} %{points}{left}"));
        }
    }

    fn notice(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| terminal::error_line(text)),
            None if !self.quiet => terminal::error_line(text),
            None => {}
        }
    }

    fn cancelled(&self) -> bool {
        signals::interrupted()
    }
}
