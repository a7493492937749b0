/**
 * Places of the shell's parts: side panel, list of chats, page, compact windows. Pure.
 * Invariant: they stand beside each other. Where the browser window is too small for that, one of them stands in the page's place.
 */
import type { ScreenSize } from "./screenSize";
import { type ChatWindow, fit, minimise, type WindowLayout } from "./windowLayout";

// All lengths are in the unit of `ScreenSize`, as the rem of the style sheets.
const PANEL = 272;
const BAR = 52;
export const LIST_WIDTH = 288;
const PHONE = 720;
// A page of this width is laid out as on a phone, and is wide enough for tables.
const PAGE_MIN = 400;
const PAGE_WIDE = 720;
const WINDOW = 340;
const WINDOW_MIN = 304;
const WINDOW_MIN_HEIGHT = 320;
const MAX_ROWS = 2;
// A tab with a picture, the button of the list, and the number of tabs without room.
const TAB_MIN = 56;
const CHATS_BUTTON = 208;
const MORE_BUTTON = 104;

interface ScreenLayout {
	/** `full`: in the page's place. */
	readonly list: "beside" | "full" | "closed";
	/** True if the list belongs to a maximised window. */
	readonly listHeld: boolean;
	/** All windows in the mode in which they are shown. */
	readonly windows: readonly ChatWindow[];
	/** Columns of compact windows; 0 if there are none. */
	readonly columns: number;
	readonly columnWidth: number;
	/** At most this many windows are open. */
	readonly capacity: number;
	/** True if no window fits beside the page: an open one takes the page's place. */
	readonly single: boolean;
	readonly pageWidth: number;
	/** False if the list or a maximised window stands in the page's place. */
	readonly pageShown: boolean;
}

/** On a phone the side panel is a drawer. */
export function isNarrow(screen: ScreenSize): boolean {
	return screen.width <= PHONE;
}

export function screenLayout(layout: WindowLayout, screen: ScreenSize): ScreenLayout {
	const space = screen.width - (isNarrow(screen) ? 0 : PANEL);
	const rows = Math.min(MAX_ROWS, Math.max(1, Math.floor((screen.height - BAR) / WINDOW_MIN_HEIGHT)));
	const narrow = isNarrow(screen);
	const single = narrow || maxColumns(space) === 0;
	const both = maxColumns(space - LIST_WIDTH) > 0;
	const listAlone = layout.list && !both;
	const beside = maxColumns(layout.list && both ? space - LIST_WIDTH : space);
	const capacity = single ? 1 : beside * rows;
	const windows = shownWindows(fit(layout, capacity).boxes, single, listAlone);
	const maximised = windows.some(({ view }) => view === "maximised");
	const listHeld = maximised && both;
	const listFull = listAlone && (narrow || space - LIST_WIDTH < PAGE_MIN);
	const list = listFull ? "full" : layout.list || listHeld ? "beside" : "closed";
	const room = list === "beside" ? space - LIST_WIDTH : space;
	const open = windows.filter(({ view }) => view === "compact").length;
	const columns = open === 0 ? 0 : columnsFor(open, room, rows);
	const columnWidth = columns === 0 ? 0 : Math.min(WINDOW, Math.floor((room - PAGE_MIN) / columns));
	return {
		list,
		listHeld,
		windows,
		columns,
		columnWidth,
		capacity,
		single,
		pageWidth: room - columns * columnWidth,
		pageShown: !maximised && list !== "full",
	};
}

/** Cell of a compact window in the grid, from 1. A window keeps its column when others open or close below it. */
export function cellOf(index: number, count: number, columns: number): { column: string; row: string } {
	const alone = index < columns && index + columns >= count;
	const row = Math.floor(index / columns) + 1;
	return { column: String((index % columns) + 1), row: alone ? "1 / 3" : String(row) };
}

/** The tabs that fit into the bar, in their order; the least recently used are left out. */
export function tabsThatFit(
	tabs: readonly ChatWindow[],
	recent: readonly string[],
	screen: ScreenSize,
): readonly ChatWindow[] {
	if (isNarrow(screen)) return tabs;
	const room = screen.width - PANEL - CHATS_BUTTON;
	if (tabs.length * TAB_MIN <= room) return tabs;
	const count = Math.max(1, Math.floor((room - MORE_BUTTON) / TAB_MIN));
	const named = new Set(tabs.map(({ conversation }) => conversation));
	const maximised = tabs.find(({ view }) => view === "maximised")?.conversation;
	const byUse = [maximised, ...recent.filter((id) => id !== maximised)].filter((id) => id && named.has(id));
	const shown = new Set(byUse.slice(0, count));
	return tabs.filter(({ conversation }) => shown.has(conversation));
}

/** Minimises and closes what stands in the page's place. */
export function uncoverPage(layout: WindowLayout, screen: ScreenSize): WindowLayout {
	const { list, single } = screenLayout(layout, screen);
	const covers = ({ view }: ChatWindow) => view === "maximised" || (single && view === "compact");
	const covering = layout.boxes.filter(covers);
	const uncovered = covering.reduce((now, { conversation }) => minimise(now, conversation), layout);
	return list === "full" ? { ...uncovered, list: false } : uncovered;
}

/** Closes the list where no window fits beside it. */
export function yieldList(layout: WindowLayout, screen: ScreenSize): WindowLayout {
	const space = screen.width - (isNarrow(screen) ? 0 : PANEL);
	return layout.list && maxColumns(space - LIST_WIDTH) === 0 ? { ...layout, list: false } : layout;
}

function shownWindows(
	windows: readonly ChatWindow[],
	single: boolean,
	listAlone: boolean,
): readonly ChatWindow[] {
	const maximised = windows.some(({ view }) => view === "maximised");
	const compact = maximised ? "minimised" : single ? "maximised" : "compact";
	return windows.map((window) => {
		if (listAlone) return { ...window, view: "minimised" };
		return window.view === "compact" ? { ...window, view: compact } : window;
	});
}

function maxColumns(room: number): number {
	return Math.max(0, Math.floor((room - PAGE_MIN) / WINDOW_MIN));
}

/** Windows stand side by side while the page stays wide, then above each other, then at the cost of the page's width. */
function columnsFor(count: number, room: number, rows: number): number {
	const wide = Math.max(1, Math.floor((room - PAGE_WIDE) / WINDOW));
	return Math.min(maxColumns(room), Math.max(Math.ceil(count / rows), Math.min(count, wide)));
}
