import { isComposing } from "@palique/ui/composition";
import type { RefObject } from "preact";
import { useText } from "../texts/useText";

interface Props {
	field: RefObject<HTMLInputElement | null>;
	query: string;
	onQuery: (query: string) => void;
	/** Id of the list below. */
	list: string;
	/** True while the list has entries. */
	expanded: boolean;
	/** Id of the selected entry. */
	active: string | undefined;
	onStep: (step: 1 | -1) => void;
	onPick: () => void;
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowUp: -1 };

/** Text field of the palette. It keeps the focus; the arrow keys move the selection in the list. */
export function PaletteField({ field, query, onQuery, list, expanded, active, onStep, onPick }: Props) {
	const t = useText();
	const onKeyDown = (event: KeyboardEvent) => {
		if (isComposing(event)) return;
		const step = STEPS[event.key];
		if (step) onStep(step);
		else if (event.key === "Enter" && active) onPick();
		else return;
		event.preventDefault();
	};
	return (
		<input
			ref={field}
			class="field-input palette-field"
			type="text"
			role="combobox"
			dir="auto"
			autocomplete="off"
			aria-label={t("palette_hint")}
			placeholder={t("palette_hint")}
			aria-autocomplete="list"
			aria-expanded={expanded}
			aria-controls={list}
			aria-activedescendant={active}
			value={query}
			onInput={(event) => onQuery(event.currentTarget.value)}
			onKeyDown={onKeyDown}
		/>
	);
}
