import { attempt } from "@palique/client";

/**
 * The loader's values in the visitor's browser: the token, and whether this tab has the panel open. If storage is blocked, they
 * last as long as the page.
 */
export type LoaderStorage = ReturnType<typeof makeStorage>;

/** `Storage`, or a plain object if it is blocked. */
export type KeyValues = Record<string, string>;

export function makeStorage(site: string) {
	/** Key of the token, and in the tab's storage of the panel's state. */
	const root = `palique:${site}`;
	const local: KeyValues = attempt(() => localStorage) ?? {};
	const tab: KeyValues = attempt(() => sessionStorage) ?? {};

	return {
		root,
		local,
		put,
		token: () => local[root],
		setToken: (token: string) => put(local, root, token),
		/** "1", "", or undefined if the panel was never opened or closed in this tab. */
		wasOpen: () => tab[root],
		setOpen: (open: boolean) => put(tab, root, open ? "1" : ""),
	};
}

/** A full storage drops the value silently. */
function put(values: KeyValues, key: string, value: string): void {
	attempt(() => {
		values[key] = value;
	});
}
