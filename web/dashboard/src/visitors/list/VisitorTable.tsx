import type { VisitorRow, VisitorSort } from "@palique/client";
import { Icon } from "@palique/ui/Icon";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useStores } from "../../StoresContext";
import type { TextKey } from "../../texts/LanguageStore";
import { useText } from "../../texts/useText";
import { COLUMNS, type Sorting, sortedBy } from "./columns";
import { useFrozen, useFrozenOrder } from "./useFrozenOrder";
import type { ListStaleness } from "./useListStaleness";
import { useRowKeyboard } from "./useRowKeyboard";
import { useScrollPosition } from "./useScrollPosition";
import { VisitorLine } from "./VisitorLine";
import { visibleSpan, windowFor } from "./visibleRows";

interface Props {
	sorting: Sorting;
	onSort: (sorting: Sorting) => void;
	/** Called with the window of the list that is visible. */
	onWindow: (offset: number, limit: number) => void;
	staleness: ListStaleness;
}

/** Virtualised table: renders only visible rows, since the list may have thousands. Arrow keys move between rows. */
export function VisitorTable({ sorting, onSort, onWindow, staleness }: Props) {
	const { visitors, otherChats } = useStores();
	const t = useText();
	useEffect(() => otherChats.watch("waiting"), [otherChats]);
	const view = useRef<HTMLDivElement>(null);
	const { top, height, rowHeight } = useScrollPosition(view);
	const freeze = useFrozen();
	const line = useLines();

	const window = visitors.window.value;
	const order = useFrozenOrder(window.order, freeze.frozen, visitors.answered.value);
	const total = Math.max(window.total, window.offset + order.length);
	useRowKeyboard(view, total);
	const span = visibleSpan(top, height, rowHeight, total);
	const wanted = windowFor(span);
	useEffect(() => onWindow(wanted.offset, wanted.limit), [onWindow, wanted.offset, wanted.limit]);

	const places = Array.from({ length: span.end - span.first }, (_, index) => span.first + index);
	return (
		<div
			class={staleness === "offline" ? "vlist vlist-old" : "vlist"}
			ref={view}
			aria-busy={staleness !== "live"}
		>
			{/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table in which the arrow keys move. */}
			<table class="vtable" role="grid" aria-rowcount={total + 1} aria-label={t("visitors_title")}>
				<Heads sorting={sorting} onSort={onSort} />
				<tbody onPointerMove={freeze.touch} onPointerLeave={freeze.release} onKeyDown={freeze.touch}>
					<Space rows={span.first} height={rowHeight} />
					{places.map((place) => line(place, order[place - window.offset], window.rows))}
					<Space rows={total - span.end} height={rowHeight} />
				</tbody>
			</table>
		</div>
	);
}

interface Rendered {
	row: VisitorRow;
	gone: boolean;
	place: number;
	line: JSX.Element;
}

/** Caches the rendered rows by visitor, so that a change of one visitor renders one row. */
function useLines() {
	const rendered = useRef(new Map<string, Rendered>());
	return (place: number, id: string | undefined, rows: ReadonlyMap<string, VisitorRow>): JSX.Element => {
		const before = id === undefined ? undefined : rendered.current.get(id);
		const row = id === undefined ? undefined : (rows.get(id) ?? before?.row);
		if (id === undefined || !row)
			return <VisitorLine key={`place-${place}`} row={undefined} gone={false} index={place + 2} />;
		const gone = !rows.has(id);
		if (before && before.row === row && before.gone === gone && before.place === place) return before.line;
		const line = <VisitorLine key={id} row={row} gone={gone} index={place + 2} />;
		if (rendered.current.size > MAX_CACHED) rendered.current.clear();
		rendered.current.set(id, { row, gone, place, line });
		return line;
	};
}

// Several windows, so that scrolling back and forth hits the cache.
const MAX_CACHED = 1_000;

function Space({ rows, height }: { rows: number; height: number }) {
	if (rows <= 0) return null;
	return (
		<tr class="vspace" style={{ height: `${rows * height}px` }}>
			<td colSpan={COLUMNS.length + 1} />
		</tr>
	);
}

type SortProps = Pick<Props, "sorting" | "onSort">;

function Heads({ sorting, onSort }: SortProps) {
	const t = useText();
	return (
		<thead>
			<tr aria-rowindex={1}>
				{COLUMNS.map((column) => (
					<Head key={column.sort} {...column} sorting={sorting} onSort={onSort} />
				))}
				<th scope="col">
					<span class="visually-hidden">{t("column_actions")}</span>
				</th>
			</tr>
		</thead>
	);
}

interface HeadProps extends SortProps {
	sort: VisitorSort;
	text: TextKey;
	number?: boolean;
}

function Head({ sort, text, number, sorting, onSort }: HeadProps) {
	const t = useText();
	const active = sorting.sort === sort;
	const next = active ? { sort, descending: !sorting.descending } : sortedBy(sort);
	const order = sorting.descending ? "descending" : "ascending";
	return (
		<th scope="col" class={number ? "vnumber" : undefined} aria-sort={active ? order : "none"}>
			<button type="button" class={active ? "vsort vsort-on" : "vsort"} onClick={() => onSort(next)}>
				{t(text)}
				<span class={active ? "vsort-mark" : "vsort-mark vsort-off"}>
					<Icon name={active && !sorting.descending ? "up" : "down"} size={14} />
				</span>
			</button>
		</th>
	);
}
