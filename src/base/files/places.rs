//! A folder of results and those below it.

use super::Folder;
use crate::{Error, Result};

/// Files are named as `name`, or as `below/name` in a folder below.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) main: Folder,
    pub(super) below: Vec<(String, Folder)>,
}

impl Places {
    /// The folder of a file that is named `name` or `below/name`, the name of that folder, and the file's own.
    pub(super) fn of<'n>(&self, name: &'n str) -> Result<(&Folder, &'n str, &'n str)> {
        let Some((below, file)) = name.rsplit_once('/') else { return Ok((&self.main, "", name)) };
        match self.below.iter().find(|(known, _)| known == below) {
            Some((_, folder)) => Ok((folder, below, file)),
            None => Err(Error::unknown_name("folder", below, self.below.iter().map(|(name, _)| name.as_str()))),
        }
    }
}
