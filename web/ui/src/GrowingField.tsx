import "./GrowingField.css";
import type { ComponentChildren } from "preact";

interface Props {
	/** The text of the text area, or its placeholder. */
	text: string;
	class?: string;
	/** The text area. */
	children: ComponentChildren;
}

/** Makes a text area as tall as its text, at each size of the text. */
export function GrowingField({ text, class: own = "", children }: Props) {
	return (
		<div class={`growing ${own}`} data-text={text}>
			{children}
		</div>
	);
}
