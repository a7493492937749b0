/** Entries of the palette: which ones match a query, and which one is selected. Pure. */

import type { IconName } from "@palique/ui/Icon";
import { containsTerms, fold } from "@palique/ui/searchTerms";
import type { ShortcutName } from "../keyboard/shortcuts";
import type { TextKey } from "../texts/LanguageStore";

export interface PaletteItem {
	/** Unique in the palette. */
	readonly id: string;
	readonly icon: IconName;
	readonly text: string;
	readonly detail?: string;
	readonly shortcut?: ShortcutName;
	readonly act: () => void;
}

export interface PaletteGroup {
	readonly title: TextKey;
	readonly items: readonly PaletteItem[];
	/** At most so many entries are shown; more are found by a longer query. */
	readonly limit?: number;
}

/** DOM id of an entry, in the list with this id. */
export function optionId(list: string, item: PaletteItem): string {
	return `${list}-option-${item.id}`;
}

/** The groups with the entries that match. A text that begins with the query comes first; empty groups are left out. */
export function matching(groups: readonly PaletteGroup[], query: string): readonly PaletteGroup[] {
	const begins = ({ text }: PaletteItem) => (fold(text).startsWith(fold(query.trim())) ? 0 : 1);
	return groups
		.map(({ title, items, limit }) => {
			const found = items.filter(({ text, detail = "" }) => containsTerms(query, [text, detail]));
			if (query.trim()) found.sort((one, other) => begins(one) - begins(other));
			return { title, items: found.slice(0, limit) };
		})
		.filter(({ items }) => items.length > 0);
}

/** The selected entry: the chosen one while it is shown, else the first one. */
export function selected(groups: readonly PaletteGroup[], chosen: string | null): PaletteItem | undefined {
	const items = groups.flatMap((group) => group.items);
	return items.find(({ id }) => id === chosen) ?? items[0];
}

/** The entry before or after the selected one; beyond the end the list begins again. */
export function beside(groups: readonly PaletteGroup[], chosen: string | null, step: 1 | -1): string | null {
	const items = groups.flatMap((group) => group.items);
	const here = items.findIndex(({ id }) => id === selected(groups, chosen)?.id);
	return items.at((here + step) % items.length)?.id ?? null;
}
