/** Draft of site settings before saving. Fields not in the draft follow the site. */
import { useState } from "preact/hooks";
import type { Site, SiteChanges } from "../api/shapes";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { dirtyFields, overwrittenFields, withoutFields } from "./siteDraft";
import type { Saving } from "./useSave";

export interface SiteDraft {
	/** The site as the form shows it. */
	value: Site;
	dirty: boolean;
	edit: (changes: SiteChanges) => void;
	save: () => Promise<void>;
}

export function useSiteDraft(site: Site, saving: Saving): SiteDraft {
	const { toasts } = useStores();
	const t = useText();
	const [draft, setDraft] = useState<SiteChanges>({});
	/** The site when the first field of the draft was changed. */
	const [base, setBase] = useState(site);
	const dirty = dirtyFields(site, draft);

	const edit = (changes: SiteChanges) => {
		if (Object.keys(draft).length === 0) setBase(site);
		setDraft({ ...draft, ...changes });
	};
	const save = async () => {
		const theirs = overwrittenFields(base, site, draft);
		if (theirs.length > 0) {
			setDraft(withoutFields(draft, theirs));
			setBase(site);
			toasts.show({ text: t("settings_overtaken"), danger: true });
			return;
		}
		if (await saving.site(draft)) setDraft({});
	};
	return { value: { ...site, ...draft }, dirty: dirty.length > 0, edit, save };
}
