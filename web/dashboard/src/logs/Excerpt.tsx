import "./Excerpt.css";
import { stripBidiControls } from "@palique/ui/bidi";
import type { SearchHit } from "../api/shapes";
import { useText } from "../texts/useText";

/** The text that a search found, with its words marked. */
export function Excerpt({ hit }: { hit: SearchHit }) {
	const t = useText();
	return (
		<div class="excerpt small">
			{hit.kind === "note" ? <span class="said-tag">{t("note")}</span> : null}
			<p class="excerpt-text" dir="auto">
				{hit.excerpt.map(({ text, marked }, index) => {
					const shown = stripBidiControls(text);
					return marked ? <mark key={index}>{shown}</mark> : shown;
				})}
			</p>
		</div>
	);
}
