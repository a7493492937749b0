import type { VisitorRow, VisitorSort } from "@palique/client";
import { Icon } from "@palique/ui/Icon";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useStores, useText } from "../stores";
import type { TextKey } from "../texts/LanguageStore";
import { heldOrder, spanAt, windowFor } from "./list-view";
import { VisitorLine } from "./VisitorLine";
import type { Sorting } from "./VisitorsPage";

const COLUMNS: readonly { sort: VisitorSort; text: TextKey; number?: boolean }[] = [
	{ sort: "name", text: "column_visitor" },
	{ sort: "region", text: "column_from" },
	{ sort: "page", text: "column_viewing" },
	{ sort: "visits", text: "column_visits", number: true },
	{ sort: "chats", text: "column_chats", number: true },
	{ sort: "since", text: "column_since", number: true },
];

// Pixels; the style sheet draws rows of exactly these heights.
const ROW = 56;
const ROW_NARROW = 96;
const NARROW = "(max-width: 720px)";
// A pointer that rests this long is not about to click.
const HOLD_MS = 2_500;

interface Props {
	sorting: Sorting;
	onSort: (sorting: Sorting) => void;
	/** Tells which window of the list is looked at. */
	look: (offset: number, limit: number) => void;
}

/** Draws the rows in sight only: the list may have thousands. Arrow keys walk through it. */
export function VisitorTable({ sorting, onSort, look }: Props) {
	const { visitors } = useStores();
	const t = useText();
	const view = useRef<HTMLDivElement>(null);
	const [scroll, setScroll] = useState({ top: 0, height: 900 });
	const rowHeight = useNarrow() ? ROW_NARROW : ROW;
	const hold = useHold();

	const window = visitors.window.value;
	const order = useSteadyOrder(window.order, hold.held);
	const total = Math.max(window.total, window.offset + order.length);
	const span = spanAt(scroll.top, scroll.height, rowHeight, total);
	const wanted = windowFor(span);
	useEffect(() => look(wanted.offset, wanted.limit), [look, wanted.offset, wanted.limit]);
	useLayoutEffect(() => measure(view.current, setScroll), []);

	useWalk(view);

	const known = useRef(new Map<string, VisitorRow>());
	for (const [id, row] of window.rows) known.current.set(id, row);
	useEffect(() => {
		if (!hold.held) known.current = new Map(window.rows);
	}, [hold.held, window.rows]);

	const places = Array.from({ length: span.end - span.first }, (_, index) => span.first + index);
	return (
		<div
			class="vlist"
			ref={view}
			onScroll={(event) =>
				setScroll({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
			}
		>
			<table class="vtable" aria-rowcount={total + 1} aria-label={t("visitors_title")}>
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
				<tbody onPointerMove={hold.touch} onPointerLeave={hold.release}>
					<Space rows={span.first} height={rowHeight} />
					{places.map((place) => {
						const id = order[place - window.offset];
						const row = id === undefined ? undefined : known.current.get(id);
						return (
							<VisitorLine
								key={id ?? `place-${place}`}
								row={row}
								gone={id !== undefined && !window.rows.has(id)}
								index={place + 2}
							/>
						);
					})}
					<Space rows={total - span.end} height={rowHeight} />
				</tbody>
			</table>
		</div>
	);
}

function Space({ rows, height }: { rows: number; height: number }) {
	if (rows <= 0) return null;
	return (
		<tr class="vspace" style={{ height: `${rows * height}px` }}>
			<td colSpan={COLUMNS.length + 1} />
		</tr>
	);
}

interface HeadProps extends Omit<Props, "look"> {
	sort: VisitorSort;
	text: TextKey;
	number?: boolean;
}

function Head({ sort, text, number, sorting, onSort }: HeadProps) {
	const t = useText();
	const active = sorting.sort === sort;
	// What is most is most interesting; names begin with A.
	const first = number === true;
	const descending = active ? !sorting.descending : first;
	const order = sorting.descending ? "descending" : "ascending";
	return (
		<th scope="col" class={number ? "vnumber" : undefined} aria-sort={active ? order : "none"}>
			<button
				type="button"
				class={active ? "vsort vsort-on" : "vsort"}
				onClick={() => onSort({ sort, descending })}
			>
				{t(text)}
				<span class={active ? "vsort-mark" : "vsort-mark vsort-off"}>
					<Icon name={active && !sorting.descending ? "up" : "down"} size={14} />
				</span>
			</button>
		</th>
	);
}

function useWalk(view: RefObject<HTMLElement | null>): void {
	useEffect(() => {
		const element = view.current;
		if (!element) return;
		const listen = (event: KeyboardEvent) => walk(element, event);
		element.addEventListener("keydown", listen);
		return () => element.removeEventListener("keydown", listen);
	}, [view]);
}

/** Up and down go from visitor to visitor; Enter is the link's own. */
function walk(view: HTMLElement, event: KeyboardEvent): void {
	const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
	const line = (event.target as HTMLElement).closest("tr");
	if (step === 0 || !line) return;
	const links = [...view.querySelectorAll<HTMLElement>(".vname")];
	const here = links.findIndex((link) => line.contains(link));
	const next = links[here + step];
	if (!next) return;
	event.preventDefault();
	next.focus();
}

function measure(
	element: HTMLElement | null,
	tell: (scroll: { top: number; height: number }) => void,
): () => void {
	if (!element) return () => {};
	const observer = new ResizeObserver(() => tell({ top: element.scrollTop, height: element.clientHeight }));
	observer.observe(element);
	return () => observer.disconnect();
}

function useNarrow(): boolean {
	const media = useMemo(() => matchMedia(NARROW), []);
	const [narrow, setNarrow] = useState(media.matches);
	useEffect(() => {
		const follow = () => setNarrow(media.matches);
		media.addEventListener("change", follow);
		return () => media.removeEventListener("change", follow);
	}, [media]);
	return narrow;
}

/** True while a pointer is busy over the list. */
function useHold() {
	const [held, setHeld] = useState(false);
	const timer = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	const release = () => {
		clearTimeout(timer.current);
		setHeld(false);
	};
	const touch = () => {
		clearTimeout(timer.current);
		timer.current = globalThis.setTimeout(release, HOLD_MS) as unknown as number;
		setHeld(true);
	};
	return { held, touch, release };
}

function useSteadyOrder(current: readonly string[], held: boolean): readonly string[] {
	const steady = useRef<readonly string[]>(current);
	steady.current = held ? heldOrder(steady.current, current) : current;
	return steady.current;
}
