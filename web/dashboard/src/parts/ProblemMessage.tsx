import { Icon } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import type { Problem } from "../api/http";
import type { TextKey } from "../texts/LanguageStore";
import { problemText } from "../texts/problem";
import { useText } from "../texts/useText";

interface Props {
	problem: Problem | null;
	/** What a code means in this place, where that says more than its own sentence. */
	wording?: Readonly<Record<string, TextKey>>;
	small?: boolean;
	/** Stands there while nothing was refused. */
	children?: ComponentChildren;
}

/** Why what was asked for was not done. The place is there before the words, so that a screen reader tells them as they come. */
export function ProblemMessage({ problem, wording = {}, small = false, children }: Props) {
	const t = useText();
	const own = problem ? wording[problem.code] : undefined;
	return (
		<div role="alert">
			{problem ? (
				<p class={small ? "notice notice-danger small" : "notice notice-danger"}>
					<Icon name="warning" size={small ? 16 : 18} /> {own ? t(own) : problemText(t, problem)}
				</p>
			) : (
				children
			)}
		</div>
	);
}
