/** One tab stop for a list or table: the arrow keys move between its rows and between the controls of a row. */
import { isComposing } from "@palique/ui/composition";
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { moved } from "./rovingSteps";

const CONTROLS = "a[href], button:not(:disabled), select:not(:disabled), input:not(:disabled)";
// Rows above the rows: a list begins below them.
const HEADS = "thead, h3";
// Elements that need the arrow keys themselves.
const OWN_KEYS = "select, input, textarea, [role=menu]";

/**
 * `rows`: selector of the rows, or of the element itself when it is a single row. `onEdge` is called for Home (-1) and End (1) in a list that has rendered a part of its rows; it
 * returns true if it moves the focus itself.
 */
export function useRovingFocus(
	root: RefObject<HTMLElement | null>,
	rows: string,
	onEdge?: (end: -1 | 1) => boolean,
): void {
	useLayoutEffect(() => {
		const element = root.current;
		if (!element) return;
		const list = new RovingList(element, rows);
		const onKeyDown = (event: KeyboardEvent) => {
			const target = event.target as HTMLElement;
			if (isComposing(event) || hasModifier(event) || target.closest(OWN_KEYS)) return;
			const edge = event.key === "End" ? 1 : event.key === "Home" ? -1 : 0;
			if ((edge !== 0 && onEdge?.(edge)) || list.move(event.key, target)) event.preventDefault();
		};
		const onFocusIn = (event: FocusEvent) => list.stopAt(event.target as HTMLElement);
		const observer = new MutationObserver(() => list.refresh());
		observer.observe(element, { childList: true, subtree: true, attributeFilter: ["disabled", "href"] });
		element.addEventListener("keydown", onKeyDown);
		element.addEventListener("focusin", onFocusIn);
		list.refresh();
		return () => {
			observer.disconnect();
			element.removeEventListener("keydown", onKeyDown);
			element.removeEventListener("focusin", onFocusIn);
		};
	}, [root, rows, onEdge]);
}

class RovingList {
	readonly #root: HTMLElement;
	readonly #rows: string;
	/** The control that had the focus last, and the index of its row: the tab stop. At first it is the first row. */
	#stop: HTMLElement | null = null;
	#row = 0;

	constructor(root: HTMLElement, rows: string) {
		this.#root = root;
		this.#rows = rows;
	}

	/** Returns false if the key does not move. */
	move(key: string, from: HTMLElement): boolean {
		const lines = this.#lines();
		const row = lines.findIndex((line) => line.includes(from));
		if (row < 0) return false;
		const at = { row, control: lines[row]?.indexOf(from) ?? 0 };
		const counts = lines.map((line) => line.length);
		const to = moved(counts, this.#firstRow(lines), at, key);
		if (to) lines[to.row]?.[to.control]?.focus();
		return to !== null;
	}

	stopAt(control: HTMLElement): void {
		this.#stop = control;
		this.refresh();
	}

	/** Sets the tab stops after a change of the list. A removed stop is replaced by the row that is now in its place. */
	refresh(): void {
		const lines = this.#lines();
		const kept = lines.findIndex((line) => this.#stop !== null && line.includes(this.#stop));
		if (kept >= 0) this.#row = kept;
		const stop = kept >= 0 ? this.#stop : this.#replacement(lines);
		for (const control of lines.flat()) control.tabIndex = control === stop ? 0 : -1;
	}

	#replacement(lines: readonly HTMLElement[][]): HTMLElement | null {
		const row = Math.max(this.#firstRow(lines), Math.min(this.#row, lines.length - 1));
		return lines[row]?.[0] ?? lines[0]?.[0] ?? null;
	}

	/** The controls of each row that has some. Narrow pages hide the heads of a table. */
	#lines(): HTMLElement[][] {
		const root = this.#root;
		const rows = root.matches(this.#rows) ? [root] : [...root.querySelectorAll<HTMLElement>(this.#rows)];
		const shown = rows.filter((row) => !row.closest("thead") || row.checkVisibility());
		const lines = shown.map((row) => [...row.querySelectorAll<HTMLElement>(CONTROLS)]);
		return lines.filter((controls) => controls.length > 0);
	}

	#firstRow(lines: readonly HTMLElement[][]): number {
		return Math.max(
			0,
			lines.findIndex(([control]) => !control?.closest(HEADS)),
		);
	}
}

function hasModifier(event: KeyboardEvent): boolean {
	return event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
}
