/** Saves a setting: busy state, then a toast. */
import { useState } from "preact/hooks";
import type { SiteChanges } from "../api/shapes";
import { useFailureToast } from "../parts/useFailureToast";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

export interface Saving {
	busy: boolean;
	/** Resolves to true on success; shows `said` as a toast, or none for `null`. */
	run: (write: () => Promise<unknown>, message?: string | null) => Promise<boolean>;
	/** Saves changes of the site. On a conflict nothing is written and the current site is shown. */
	site: (changes: SiteChanges) => Promise<boolean>;
}

export function useSave(): Saving {
	const { site, toasts } = useStores();
	const t = useText();
	const complain = useFailureToast();
	const [busy, setBusy] = useState(false);

	const run = async (write: () => Promise<unknown>, message: string | null = t("saved")) => {
		if (busy) return false;
		setBusy(true);
		try {
			await write();
			if (message) toasts.show({ text: message });
			return true;
		} catch (error) {
			complain(error);
			return false;
		} finally {
			setBusy(false);
		}
	};
	const write = (changes: SiteChanges) =>
		run(async () => {
			const problem = await site.change(changes);
			if (problem) throw problem;
		});
	return { busy, run, site: write };
}
