//! How much memory a map takes, and how much there is: work that cannot end is refused before it begins.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

const GIB: f64 = (1_u64 << 30) as f64;

/// Share of the memory at hand that a map may take: contours, pictures and buffers want the rest.
const SHARE: f64 = 0.8;

/// Memory where nothing tells how much there is (bytes); a workstation's.
const UNKNOWN: u64 = 16 << 30;

/// The size of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Map {
    /// Points along the mass.
    pub masses: usize,
    /// Points along the coupling.
    pub couplings: usize,
    /// Terms of chi2 beside their sum.
    pub terms: usize,
}

impl Map {
    /// What it takes (bytes): axes, chi2 as a sum and in terms, status.
    pub fn bytes(self) -> f64 {
        let (masses, couplings) = (self.masses as f64, self.couplings as f64);
        8.0 * (masses + couplings) + masses * couplings * self.bytes_per_point()
    }

    fn bytes_per_point(self) -> f64 {
        8.0 * (self.terms as f64 + 1.0) + 1.0
    }

    /// That it fits the memory at hand; nothing is allocated.
    ///
    /// # Errors
    /// [`Error::TooLarge`] with what it takes, what there is, and a grid of the same form that fits.
    pub fn require_fits(self) -> Result<()> {
        self.require_fits_into(SHARE * available() as f64)
    }

    fn require_fits_into(self, limit: f64) -> Result<()> {
        if self.bytes() <= limit {
            return Ok(());
        }
        // A tenth less along both axes is on the safe side of the axes' own size and of roundings.
        let shrink = 0.9 * (limit / self.bytes()).sqrt();
        let [masses, couplings] = [self.masses, self.couplings].map(|n| ((n as f64 * shrink) as usize).max(2));
        Err(Error::TooLarge {
            quantity: format!("a grid of {}x{} points", self.masses, self.couplings),
            needed_gib: self.bytes() / GIB,
            limit_gib: limit / GIB,
            fitting: format!("{masses}x{couplings}"),
        })
    }
}

/// Room for so many values, which may have shrunk since it was looked at.
///
/// # Errors
/// [`Error::NoMemory`], where others end the process.
pub fn room<T>(values: usize, what: &'static str) -> Result<Vec<T>> {
    let mut room = Vec::new();
    let needed_gib = values as f64 * size_of::<T>() as f64 / GIB;
    room.try_reserve_exact(values).map_err(|_| Error::NoMemory { what, needed_gib })?;
    Ok(room)
}

/// So many zeros, which take no memory before they are written.
///
/// # Errors
/// [`Error::NoMemory`].
pub fn zeroed<T: bytemuck::Zeroable>(values: usize, what: &'static str) -> Result<Vec<T>> {
    let needed_gib = values as f64 * size_of::<T>() as f64 / GIB;
    bytemuck::allocation::try_zeroed_vec(values).map_err(|()| Error::NoMemory { what, needed_gib })
}

/// So many units of work of so many bytes each, that they fit the memory at hand.
///
/// # Errors
/// [`Error::OutOfRange`] with how many fit.
pub fn require_units(quantity: &str, units: u64, bytes_each: f64) -> Result<()> {
    let most = (SHARE * available() as f64 / bytes_each).floor();
    if units as f64 <= most {
        return Ok(());
    }
    Err(Error::out_of_range(quantity, units, format!("at most {most}, which fit the memory at hand")))
}

/// Memory at hand (bytes): what the system has left, at most what limits of the process and of its control groups leave.
pub fn available() -> u64 {
    let of_process = read(Path::new("/proc/self/status"));
    let left = |limit: Option<u64>, used: &str| {
        let used = of_process.as_deref().and_then(|text| kilobytes(text, used)).unwrap_or(0);
        limit.map(|limit| limit.saturating_sub(used))
    };
    let of_system = read(Path::new("/proc/meminfo")).and_then(|text| kilobytes(&text, "MemAvailable:"));
    let of_groups = read(Path::new("/proc/self/cgroup")).and_then(|text| of_groups(&text, Path::new("/sys/fs/cgroup")));
    let (address_space, data) = process_limits();
    [of_system, of_groups, left(address_space, "VmSize:"), left(data, "VmData:")]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(UNKNOWN)
}

#[cfg(unix)]
fn process_limits() -> (Option<u64>, Option<u64>) {
    use rustix::process::{Resource, getrlimit};
    (getrlimit(Resource::As).current, getrlimit(Resource::Data).current)
}

#[cfg(not(unix))]
fn process_limits() -> (Option<u64>, Option<u64>) {
    (None, None)
}

/// The least that the control groups of `/proc/self/cgroup`, and those above them, leave (bytes).
fn of_groups(groups: &str, root: &Path) -> Option<u64> {
    let mut least = None;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let (base, limit, used, cache) = match controllers {
            // Version 2, then 1.
            "" => (root.to_owned(), "memory.max", "memory.current", "file "),
            list if list.split(',').any(|name| name == "memory") => {
                (root.join("memory"), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_cache ")
            }
            _ => continue,
        };
        for folder in upwards(&base, path) {
            let number = |name: &str| read(&folder.join(name))?.trim().parse::<u64>().ok();
            let (Some(limit), Some(used)) = (number(limit), number(used)) else { continue };
            // What only caches files is given back when it is wanted.
            let stat = read(&folder.join("memory.stat")).unwrap_or_default();
            let cached =
                stat.lines().find_map(|line| line.strip_prefix(cache)?.trim().parse::<u64>().ok()).unwrap_or(0);
            let left = limit.saturating_sub(used.saturating_sub(cached));
            least = Some(least.map_or(left, |least: u64| least.min(left)));
        }
    }
    least
}

/// The folder of a group and those above it. Within a container the path may be one of the host: then only the root is
/// there.
fn upwards(base: &Path, path: &str) -> Vec<PathBuf> {
    let own = base.join(path.trim_start_matches('/'));
    own.ancestors().take_while(|folder| folder.starts_with(base)).map(Path::to_owned).collect()
}

/// The number after a name in a text of the kernel, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().trim_end_matches("kB").trim().parse::<u64>().ok()?.checked_mul(1024)
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1e10 points of two terms: 25 bytes each.
    #[test]
    fn what_does_not_fit_is_told_what_would() {
        let vast = Map { masses: 100_000, couplings: 100_000, terms: 2 };
        assert_eq!(vast.bytes(), 25e10 + 1.6e6);
        let told = vast.require_fits_into(4.0 * GIB).err().map(|error| error.to_string()).unwrap_or_default();
        let expected = "a grid of 100000x100000 points would take 232.8 GiB of memory, more than the 4.0 GiB at hand; \
                        11796x11796 points would fit";
        assert_eq!(told, expected);
        assert!(Map { masses: 11_796, couplings: 11_796, terms: 2 }.require_fits_into(4.0 * GIB).is_ok());
        let beyond = Map { masses: usize::MAX, couplings: usize::MAX, terms: 64 };
        assert!(beyond.require_fits().is_err());
        assert!(Map { masses: 2, couplings: 2, terms: 2 }.require_fits().is_ok());
    }

    #[test]
    fn the_tightest_group_counts() -> std::io::Result<()> {
        let root = tempfile::tempdir()?;
        let group = root.path().join("a/b");
        fs::create_dir_all(&group)?;
        for (folder, limit, used) in [(&group, "max", "1000"), (&root.path().join("a"), "5000", "3000")] {
            fs::write(folder.join("memory.max"), limit)?;
            fs::write(folder.join("memory.current"), used)?;
        }
        fs::write(root.path().join("a/memory.stat"), "anon 1\nfile 500\nkernel 3\n")?;
        assert_eq!(of_groups("0::/a/b\n", root.path()), Some(2500));
        assert_eq!(of_groups("0::/elsewhere\n", root.path()), None);
        fs::create_dir(root.path().join("memory"))?;
        fs::write(root.path().join("memory/memory.limit_in_bytes"), "800\n")?;
        fs::write(root.path().join("memory/memory.usage_in_bytes"), "300\n")?;
        assert_eq!(of_groups("3:cpu,memory:/docker/0f\n0::/a\n", root.path()), Some(500));
        assert_eq!(of_groups("", root.path()), None);
        Ok(())
    }

    #[test]
    fn this_machine_has_some() {
        let bytes = available();
        assert!((1 << 20..1 << 50).contains(&bytes), "{bytes}");
    }
}
