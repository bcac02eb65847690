//! What the lists have in common.

use kit::filters::Filters;
use kit::{Page, Result};

use crate::domain::ids::ChatbotId;

/// The longest search, in characters.
pub(crate) const MAX_SEARCH: usize = 200;

/// The chatbots that a list is narrowed to: all of the caller's where there are none.
pub(crate) fn chatbots(filters: &mut Filters<'_>) -> Result<Vec<ChatbotId>> {
    Ok(filters.present_ids("chatbotId")?.unwrap_or_default())
}

/// The part of what was found, all of it, that is on a page, and how many it is.
pub(crate) fn part<T>(found: &[T], page: Page) -> (&[T], i64) {
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let from = usize::try_from(page.offset()).unwrap_or(usize::MAX).min(found.len());
    let rows = usize::try_from(page.rows()).unwrap_or(usize::MAX).min(found.len() - from);
    (found.get(from..from + rows).unwrap_or_default(), total)
}
