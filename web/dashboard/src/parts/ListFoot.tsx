import { useText } from "../texts/useText";
import { Button } from "./Button";
import { ProblemMessage } from "./ProblemMessage";
import type { Pages } from "./useListing";

/** Foot of a list: loads the next page. */
export function ListFoot({ pages }: { pages: Pages<unknown> }) {
	const t = useText();
	return (
		<div class="list-foot">
			<ProblemMessage problem={pages.moreProblem} />
			{pages.capped ? <p class="notice">{t("search_capped")}</p> : null}
			{pages.more && !pages.problem ? (
				<Button busy={pages.loading} onClick={pages.more}>
					{t(pages.capped ? "search_on" : "load_more")}
				</Button>
			) : null}
		</div>
	);
}
