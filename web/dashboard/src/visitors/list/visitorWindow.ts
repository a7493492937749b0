/**
 * This browser's window of the server's sorted visitor list, updated by changes. Pure.
 * `order` names exactly the rows known; other rows are dropped.
 */
import type { VisitorRow, VisitorsChanged } from "@palique/client";

export interface VisitorWindow {
	/** Index of the first row in the whole list. */
	readonly offset: number;
	/** Number of rows of the whole list that match the filter. */
	readonly total: number;
	readonly version: number;
	readonly rows: ReadonlyMap<string, VisitorRow>;
	readonly order: readonly string[];
}

export const EMPTY: VisitorWindow = { offset: 0, total: 0, version: 0, rows: new Map(), order: [] };

interface Snapshot {
	total: number;
	version: number;
	rows: readonly VisitorRow[];
}

export function opened(offset: number, snapshot: Snapshot): VisitorWindow {
	const rows = new Map(snapshot.rows.map((row) => [row.visitor, row]));
	return { offset, total: snapshot.total, version: snapshot.version, rows, order: [...rows.keys()] };
}

/** Ignores a change that is not newer than the window. */
export function changed(
	window: VisitorWindow,
	change: Omit<VisitorsChanged, "type" | "online">,
): VisitorWindow {
	if (change.version <= window.version) return window;
	const known = new Map(window.rows);
	for (const id of change.remove) known.delete(id);
	for (const row of change.upsert) known.set(row.visitor, row);
	const order = [...new Set(change.order)].filter((id) => known.has(id));
	const rows = new Map(order.map((id) => [id, known.get(id) as VisitorRow]));
	return { offset: window.offset, total: change.total, version: change.version, rows, order };
}

export function rowsOf(window: VisitorWindow): VisitorRow[] {
	return window.order.flatMap((id) => window.rows.get(id) ?? []);
}
