import type { Problem } from "../api/http";
import type { TextKey } from "../texts/LanguageStore";
import { problemText } from "../texts/problem";
import { useText } from "../texts/useText";

/** A page of the log that is not loaded. */
export interface PageLoader {
	loading: boolean;
	/** Why it could not be loaded. */
	problem?: Problem | null;
	/** Does nothing while it is loading. */
	load: () => void;
}

interface Props {
	page: PageLoader;
	text: TextKey;
	loading: TextKey;
}

/** Where the loaded part of a log ends: the next page is loading, or a button loads it. */
export function OtherPage({ page, text, loading }: Props) {
	const t = useText();
	return (
		<p class="mlog-other">
			{page.problem ? <span role="alert">{problemText(t, page.problem)} </span> : null}
			{page.loading ? (
				t(loading)
			) : (
				<button type="button" class="said-act" onClick={page.load}>
					{t(text)}
				</button>
			)}
		</p>
	);
}
