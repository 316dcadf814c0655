//! The table of a list: its frame, its heads, by which it is sorted, and the choice of its columns.

use super::icon::{Icon, icon};
use super::list::sortable;
use super::live::on;
use super::look::here;
use crate::boot::ColumnsOf;
use crate::browser;
use crate::ui::Ui;
use leptos::ev::Event;
use leptos::prelude::*;

/// A column of a list.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub code: &'static str,
    pub label: &'static str,
    /// What the list is sorted by when its head is followed, and whether that is downwards at
    /// first.
    pub sort: Option<(&'static str, bool)>,
    pub class: &'static str,
}

impl Column {
    /// One that the list is not sorted by.
    pub(crate) fn new(code: &'static str, label: &'static str) -> Self {
        Self {
            code,
            label,
            sort: None,
            class: "",
        }
    }

    /// One that the list is sorted by.
    pub(crate) fn sorts(self, by: &'static str, descends: bool) -> Self {
        Self {
            sort: Some((by, descends)),
            ..self
        }
    }

    pub(crate) fn class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }
}

/// What a column of a list is, by its code.
pub(crate) type ColumnFn = fn(Ui, &'static str) -> Column;

/// The columns of a list that are shown; `chosen` are their codes, separated by dots.
pub(crate) fn shown(ui: Ui, of: ColumnsOf, chosen: &str, column: ColumnFn) -> Vec<Column> {
    let chosen: Vec<&str> = chosen.split('.').collect();
    let codes = of.all().iter().copied();
    let codes = codes.filter(|code| chosen.contains(code));
    codes.map(|code| column(ui, code)).collect()
}

/// How a list is sorted.
pub(crate) struct Order<'a> {
    /// What its address says.
    pub sort: &'a str,
    /// `asc`, `desc`, or nothing.
    pub order: &'a str,
    /// How it comes when the address says nothing, and whether that is downwards.
    pub usual: (&'static str, bool),
    /// The address that sorts it by this, in this order.
    pub to: &'a dyn Fn(&str, &str) -> String,
}

impl Order<'_> {
    /// Whether the list is sorted by `code`, and if so, whether downwards.
    fn state(&self, code: &str) -> Option<bool> {
        let (by, usually) = match self.sort {
            "" => self.usual,
            by => (by, false),
        };
        let descending = match self.order {
            "asc" => false,
            "desc" => true,
            _ => usually,
        };
        (by == code).then_some(descending)
    }

    /// The head of a column, with something before its label.
    pub(crate) fn head(&self, column: Column, before: AnyView) -> AnyView {
        let Column { label, class, .. } = column;
        let class = (!class.is_empty()).then_some(class);
        let Some((code, descends)) = column.sort else {
            return view! {
                <th scope="col" class=class>
                    {before}
                    {label}
                </th>
            }
            .into_any();
        };
        let state = self.state(code);
        let descending = state.map_or(descends, |now| !now);
        let href = (self.to)(code, if descending { "desc" } else { "asc" });
        sortable(label, href, state, class, before)
    }

    /// The heads of these columns.
    pub(crate) fn heads(&self, columns: &[Column]) -> Vec<AnyView> {
        let heads = columns.iter();
        heads.map(|c| self.head(*c, ().into_any())).collect()
    }
}

/// The head of the menus at the ends of rows.
pub(crate) fn actions_head(ui: Ui) -> AnyView {
    view! {
        <th scope="col">
            <span class="hidden">{ui.t.actions}</span>
        </th>
    }
    .into_any()
}

/// The cells of a row in these columns.
pub(crate) fn cells(columns: &[Column], cell: &dyn Fn(&str) -> AnyView) -> Vec<AnyView> {
    let one = |column: &Column| {
        let class = (!column.class.is_empty()).then_some(column.class);
        view! {
            <td data-label=column.label class=class>
                {cell(column.code)}
            </td>
        }
        .into_any()
    };
    columns.iter().map(one).collect()
}

/// The table in its card, with what stands below it. `card` and `class` are classes of both.
pub(crate) fn table(
    caption: &'static str,
    card: &'static str,
    class: &'static str,
    heads: AnyView,
    rows: Vec<AnyView>,
    foot: AnyView,
) -> AnyView {
    view! {
        <div class=format!("card table-card {card}")>
            <table class=format!("table {class}")>
                <caption class="hidden">{caption}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {foot}
        </div>
    }
    .into_any()
}

/// A table that is not sorted, filtered or paged; the last column, whose head screen readers alone
/// hear, holds what can be done with a row.
pub(crate) fn plain(
    ui: Ui,
    caption: &'static str,
    heads: &[&'static str],
    rows: Vec<AnyView>,
) -> AnyView {
    let mut cells: Vec<AnyView> = heads
        .iter()
        .map(|head| view! { <th scope="col">{*head}</th> }.into_any())
        .collect();
    cells.push(actions_head(ui));
    table(caption, "", "", cells.into_any(), rows, ().into_any())
}

/// The button that opens the choice of columns. Without JavaScript it is a form; with it the list
/// follows each box at once.
pub(crate) fn choice(ui: Ui, of: ColumnsOf, column: ColumnFn) -> AnyView {
    let t = ui.t;
    let here = here();
    let chosen = ui.columns(of);
    let boxes: Vec<AnyView> = of
        .all()
        .iter()
        .copied()
        .map(|code| {
            let shown = move || chosen.with(|all| all.split('.').any(|c| c == code));
            let on_change = move |event: Event| set(ui, of, code, event_target_checked(&event));
            view! {
                <label class="menu-item">
                    <input
                        type="checkbox"
                        name="columns[]"
                        value=code
                        checked=untrack(shown)
                        autocomplete="off"
                        on:change=on(on_change)
                    />
                    {column(ui, code).label}
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <button type="button" class="chip columns" popovertarget="columns-menu">
            {icon(Icon::Columns)}
            {t.columns}
        </button>
        <div id="columns-menu" class="menu" popover="auto">
            <form method="post" action="/admin/fn/set_columns" aria-label=t.columns>
                <input type="hidden" name="list" value=of.code() />
                <input type="hidden" name="back" value=here />
                {boxes}
                <button type="submit" class="button small wide no-js">
                    {t.apply}
                </button>
            </form>
        </div>
    }
    .into_any()
}

/// Shows or hides a column, and remembers it.
fn set(ui: Ui, of: ColumnsOf, code: &'static str, shown: bool) {
    let columns = ui.columns(of);
    let kept = columns.with_untracked(|all| {
        let mut chosen: Vec<&str> = all.split('.').filter(|c| *c != code).collect();
        if shown {
            chosen.push(code);
        }
        of.keep(&chosen)
    });
    browser::remember(of.cookie(), &kept);
    columns.set(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order<'a>(sort: &'a str, order: &'a str) -> Order<'a> {
        Order {
            sort,
            order,
            usual: ("seen", true),
            to: &|_, _| String::new(),
        }
    }

    #[test]
    fn a_list_is_sorted_by_what_its_address_says_or_as_it_comes() {
        assert_eq!(order("", "").state("seen"), Some(true));
        assert_eq!(order("", "asc").state("seen"), Some(false));
        assert_eq!(order("", "").state("ends"), None);
        assert_eq!(order("ends", "").state("seen"), None);
        assert_eq!(order("ends", "").state("ends"), Some(false));
        assert_eq!(order("ends", "desc").state("ends"), Some(true));
        assert_eq!(order("seen", "asc").state("seen"), Some(false));
    }
}
