import "./Palette.css";
import { isComposing } from "@palique/ui/composition";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChatSummary } from "../chats/chatSummary";
import { IconButton } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { ProblemMessage } from "../parts/ProblemMessage";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { PaletteList } from "./PaletteList";
import { beside, matching, type PaletteItem, selected } from "./paletteItems";
import type { Commands } from "./useCommands";
import { usePaletteActions } from "./usePaletteActions";
import { usePaletteSearch } from "./usePaletteSearch";

interface Props {
	commands: Commands;
	/** The chat to which actions apply. */
	current: ChatSummary | undefined;
	/** Called with the action of the picked entry. */
	picked: (act: () => void) => void;
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowUp: -1 };

/** Dialog that finds people, chats, tickets, pages and actions: a text field with a list below it. */
export function Palette({ commands, current, picked }: Props) {
	const { keyboard } = useStores();
	const t = useText();
	const id = useId();
	const field = useRef<HTMLInputElement>(null);
	const [query, setQuery] = useState("");
	const [chosen, setChosen] = useState<string | null>(null);
	const search = usePaletteSearch(query);
	// Entries that arrive later stand below, so that the selected one does not move.
	const groups = [...matching(usePaletteActions(commands, current), query), ...search.groups];
	const active = selected(groups, chosen);
	const optionId = (item: PaletteItem | undefined) => (item ? `${id}-${item.id}` : undefined);
	const count = groups.reduce((sum, { items }) => sum + items.length, 0);

	useLayoutEffect(() => field.current?.focus(), []);
	const onKeyDown = (event: KeyboardEvent) => {
		if (isComposing(event)) return;
		const step = STEPS[event.key];
		if (step) setChosen(beside(groups, chosen, step));
		else if (event.key === "Enter" && active) picked(active.act);
		else return;
		event.preventDefault();
	};
	return (
		<Dialog
			title={t("do_palette")}
			tools={<IconButton icon="close" label={t("close")} onClick={() => keyboard.close()} />}
			onClose={() => keyboard.close()}
		>
			<div class="palette">
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
					aria-expanded={count > 0}
					aria-controls={`${id}-list`}
					aria-activedescendant={optionId(active)}
					value={query}
					onInput={(event) => {
						setQuery(event.currentTarget.value);
						setChosen(null);
					}}
					onKeyDown={onKeyDown}
				/>
				<PaletteList
					id={`${id}-list`}
					groups={groups}
					active={active}
					optionId={optionId}
					pick={({ act }) => picked(act)}
				/>
				<p class="palette-state muted small" role="status">
					{search.searching ? t("searching") : count === 0 ? t("palette_none") : t.count("results", count)}
				</p>
				<ProblemMessage small problem={search.problem} />
			</div>
		</Dialog>
	);
}
