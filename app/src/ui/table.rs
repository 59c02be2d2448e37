//! Tables that become stacked rows on a narrow screen. The roles are written out, since a table
//! that is no longer laid out as one loses them in some browsers.
use leptos::prelude::*;

/// A table.
#[component]
pub fn Table(
    /// What it holds, for those who don't see it.
    #[prop(into)]
    caption: String,
    /// Column names.
    #[prop(into)]
    columns: Vec<&'static str>,
    /// One [`Row`] a row.
    children: Children,
) -> impl IntoView {
    view! {
        <table class="rows" role="table">
            <caption class="sr-only">{caption}</caption>
            <thead role="rowgroup">
                <tr role="row">
                    {columns
                        .into_iter()
                        .map(|name| {
                            view! {
                                <th scope="col" role="columnheader">
                                    {name}
                                </th>
                            }
                        })
                        .collect_view()}
                </tr>
            </thead>
            <tbody role="rowgroup">{children()}</tbody>
        </table>
    }
}

/// A row.
#[component]
pub fn Row(
    /// Classes.
    #[prop(optional)]
    class: &'static str,
    /// One [`RowHead`] and the cells.
    children: Children,
) -> impl IntoView {
    view! {
        <tr role="row" class=class>
            {children()}
        </tr>
    }
}

/// The cell that names its row.
#[component]
pub fn RowHead(
    /// The column's name, shown where rows are stacked and the cell does not speak for itself.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Classes.
    #[prop(optional)]
    class: &'static str,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <th scope="row" role="rowheader" data-label=label class=class>
            <div>{children()}</div>
        </th>
    }
}

/// A cell.
#[component]
pub fn Cell(
    /// The column's name.
    label: &'static str,
    /// Classes; `empty` leaves it out where rows are stacked.
    #[prop(optional)]
    class: &'static str,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <td role="cell" data-label=label class=class>
            <div>{children()}</div>
        </td>
    }
}
