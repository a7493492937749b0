import { Icon } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import type { Problem } from "../api/http";
import type { TextKey } from "../texts/LanguageStore";
import { problemText } from "../texts/problem";
import { useText } from "../texts/useText";

interface Props {
	problem: Problem | null;
	/** Texts for codes that mean something more specific here. */
	wording?: Readonly<Record<string, TextKey>>;
	/** Shown instead of the text for the code. */
	sentence?: string | undefined;
	small?: boolean;
	/** Shown when there is no problem. */
	children?: ComponentChildren;
}

/** Message for a failed action. The live region always exists, so that screen readers announce a new message. */
export function ProblemMessage({ problem, wording = {}, sentence, small = false, children }: Props) {
	const t = useText();
	const own = problem ? wording[problem.code] : undefined;
	return (
		<div role="alert">
			{problem ? (
				<p class={small ? "notice notice-danger small" : "notice notice-danger"}>
					<Icon name="warning" size={small ? 16 : 18} />{" "}
					{sentence ?? (own ? t(own) : problemText(t, problem))}
				</p>
			) : (
				children
			)}
		</div>
	);
}
