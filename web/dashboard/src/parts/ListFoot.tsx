import { useText } from "../stores";
import { problemText } from "../texts/problem";
import { Button } from "./Button";
import type { Pages } from "./useListing";

/** Below a list: its next page. */
export function ListFoot({ pages }: { pages: Pages<unknown> }) {
	const t = useText();
	return (
		<div class="list-foot">
			{pages.problem && pages.items ? (
				<p class="notice notice-danger" role="alert">
					{problemText(t, pages.problem)}
				</p>
			) : null}
			{pages.more ? (
				<Button busy={pages.loading} onClick={pages.more}>
					{t("load_more")}
				</Button>
			) : null}
		</div>
	);
}
