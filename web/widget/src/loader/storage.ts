/**
 * What the loader keeps in the visitor's browser: their token, and whether this tab has the panel open. A browser that forbids
 * storage is no error: the visit is then as long as the page.
 */
export type LoaderStorage = ReturnType<typeof makeStorage>;

/** `Storage`, or a plain object where there is none. */
export type Shelf = Record<string, string>;

export function makeStorage(site: string) {
	/** Holds the token, and in the tab's own storage whether the panel is open. */
	const root = `palique:${site}`;
	const local: Shelf = attempt(() => localStorage) ?? {};
	const tab: Shelf = attempt(() => sessionStorage) ?? {};

	return {
		root,
		local,
		put,
		token: () => local[root],
		setToken: (token: string) => put(local, root, token),
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
