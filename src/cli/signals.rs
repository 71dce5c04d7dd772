//! Signals: Ctrl-C and its kin become a question that the work asks, a file-size limit becomes an error of the write.

use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use cevscan::{Error, Result};

use super::INTERRUPTED;

/// Set by the first signal that asks for the end.
static INTERRUPT: AtomicBool = AtomicBool::new(false);

/// Lets a write beyond the limit of file sizes (`ulimit -f`) fail with an error, where SIGXFSZ would end the process and
/// leave temporary files.
pub fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        /// Nobody asks: that there is a handler is all.
        static EXCEEDED: AtomicBool = AtomicBool::new(false);
        // Where it cannot be handled, the system's default stays.
        let _ = flag::register(signal_hook::consts::SIGXFSZ, &EXCEEDED);
    }
}

/// From here on the first Ctrl-C, SIGTERM or hang-up sets what [`interrupted`] says; the second ends the process at once.
///
/// For commands that ask: others end on the first, as is the system's default.
pub fn watch_interrupts() {
    for signal in ending_signals() {
        // Fails only for signals that a system lacks. The order matters: the first signal finds the flag unset.
        let _ = flag::register_conditional_shutdown(signal, i32::from(INTERRUPTED), &INTERRUPT);
        let _ = flag::register(signal, &INTERRUPT);
    }
}

/// Whether the user asked for the end.
pub fn interrupted() -> bool {
    INTERRUPT.load(Ordering::SeqCst)
}

/// For `?` between two steps of a command.
///
/// # Errors
/// [`Error::Interrupted`] if the user asked for the end.
pub fn check() -> Result<()> {
    if interrupted() { Err(Error::Interrupted) } else { Ok(()) }
}

fn ending_signals() -> Vec<i32> {
    #[allow(unused_mut, reason = "only unix has a third")]
    let mut signals = vec![SIGINT, SIGTERM];
    #[cfg(unix)]
    if !hang_up_is_ignored() {
        signals.push(signal_hook::consts::SIGHUP);
    }
    signals
}

/// Whether whoever started us, such as `nohup`, wants us to outlive the terminal.
///
/// Only Linux says so without calling C; elsewhere the signal keeps the disposition that it came with, which `nohup`
/// needs too.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    let ignored = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    ignored.is_none_or(|mask| mask & 1 << (signal_hook::consts::SIGHUP - 1) != 0)
}
