/**
 * What the widget keeps in the visitor's browser: their token, messages not yet acknowledged, and whether this tab has the panel
 * open. A browser that forbids storage is no error: the visit is then as long as the page.
 *
 * Each unsent message has a key of its own, so that tabs never overwrite each other's; its client id makes it harmless that two
 * tabs find and send the same one.
 */
import type { Outgoing } from "@palique/client";

export type Store = ReturnType<typeof makeStore>;

/** `Storage`, or a plain object where there is none. */
type Shelf = Record<string, string>;

export function makeStore(site: string) {
	/** Holds the token, and in the tab's own storage whether the panel is open. */
	const root = `palique:${site}`;
	const prefix = `${root}:out:`;
	const local: Shelf = attempt(() => localStorage) ?? {};
	const tab: Shelf = attempt(() => sessionStorage) ?? {};

	return {
		token: () => local[root],
		setToken: (token: string) => put(local, root, token),
		/** Without an item: forgets it. */
		keep: (clientId: string, item?: Outgoing) =>
			item ? put(local, prefix + clientId, JSON.stringify(item)) : delete local[prefix + clientId],
		kept: (): Outgoing[] =>
			Object.keys(local)
				.filter((key) => key.startsWith(prefix))
				.map((key) => JSON.parse(local[key] as string)),
		/** "1", "", or nothing when nobody opened or closed it in this tab yet. */
		wasOpen: () => tab[root],
		setOpen: (open: boolean) => put(tab, root, open ? "1" : ""),
	};
}

/** A full storage keeps nothing, and breaks nothing. */
function put(shelf: Shelf, key: string, value: string): void {
	attempt(() => {
		shelf[key] = value;
	});
}

function attempt<T>(call: () => T): T | null {
	try {
		return call();
	} catch {
		return null;
	}
}
