/** Columns of the visitor list and their sort order. */
import type { VisitorSort } from "@palique/client";
import type { TextKey } from "../../texts/LanguageStore";

export interface Sorting {
	sort: VisitorSort;
	descending: boolean;
}

export const COLUMNS: readonly { sort: VisitorSort; text: TextKey; number?: boolean }[] = [
	{ sort: "name", text: "column_visitor" },
	{ sort: "region", text: "column_from" },
	{ sort: "page", text: "column_viewing" },
	{ sort: "page_at", text: "column_on_page", number: true },
	{ sort: "visits", text: "column_visits", number: true },
	{ sort: "chats", text: "column_chats", number: true },
	{ sort: "since", text: "column_since", number: true },
];

/** First click on a column: numbers descending, names ascending. */
export function sortedBy(sort: VisitorSort): Sorting {
	return { sort, descending: COLUMNS.some((column) => column.sort === sort && column.number === true) };
}
