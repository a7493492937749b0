import { Icon } from "@palique/ui/Icon";
import { useEffect, useRef } from "preact/hooks";
import { ShortcutKeys } from "../keyboard/Kbd";
import { useText } from "../texts/useText";
import { optionId, type PaletteGroup, type PaletteItem } from "./paletteItems";

interface Props {
	id: string;
	groups: readonly PaletteGroup[];
	active: PaletteItem | undefined;
	pick: (item: PaletteItem) => void;
}

/** The entries of the palette in groups. The text field keeps the focus. */
export function PaletteList({ id, groups, active, pick }: Props) {
	const t = useText();
	const root = useRef<HTMLDivElement>(null);
	const activeId = active?.id;
	useEffect(() => {
		root.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
	}, [activeId]);
	return (
		<div id={id} class="palette-list" role="listbox" aria-label={t("do_palette")} ref={root}>
			{groups.map(({ title, items }) => (
				// biome-ignore lint/a11y/useSemanticElements: a group of options, not of fields.
				<div key={title} role="group" aria-labelledby={`${id}-${title}`}>
					<div id={`${id}-${title}`} class="palette-title" role="presentation">
						{t(title)}
					</div>
					{items.map((item) => (
						<Option
							key={item.id}
							id={optionId(id, item)}
							item={item}
							active={item.id === activeId}
							pick={() => pick(item)}
						/>
					))}
				</div>
			))}
		</div>
	);
}

interface OptionProps {
	id: string;
	item: PaletteItem;
	active: boolean;
	pick: () => void;
}

function Option({ id, item, active, pick }: OptionProps) {
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the text field handles the keys.
		// biome-ignore lint/a11y/useFocusableInteractive: the text field has the focus and names the active option.
		<div
			id={id}
			role="option"
			class="palette-item"
			aria-selected={active}
			onPointerDown={(event) => event.preventDefault()}
			onClick={pick}
		>
			<Icon name={item.icon} size={17} />
			<span class="palette-words">
				<span class="cut" dir="auto">
					{item.text}
				</span>
				{item.detail ? (
					<span class="cut muted small" dir="auto">
						{item.detail}
					</span>
				) : null}
			</span>
			{item.shortcut ? <ShortcutKeys name={item.shortcut} /> : null}
		</div>
	);
}
