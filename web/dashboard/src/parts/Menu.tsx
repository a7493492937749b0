import "./Menu.css";
import { isComposing } from "@palique/ui/composition";
import { Icon, type IconName } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import { ShortcutKeys } from "../keyboard/Kbd";
import type { ShortcutName } from "../keyboard/shortcuts";
import { useStores } from "../StoresContext";
import { usePopup } from "./usePopup";

export interface MenuItem {
	text: string;
	icon?: IconName;
	/** True for the selected item of a set; shows a check mark. */
	checked?: boolean;
	/** True for an item that is switched on and off independently. */
	toggle?: boolean;
	danger?: boolean;
	disabled?: boolean;
	/** Its keys are shown beside the text. */
	shortcut?: ShortcutName;
	/** Heading of the group that begins here. */
	group?: string;
	act: () => void;
}

interface Props {
	/** Accessible name of the button. */
	label?: string;
	class?: string;
	items: readonly MenuItem[];
	/** Side of the button on which the list opens. */
	side?: "above" | "below";
	children: ComponentChildren;
}

/** Menu button: arrow keys move, Enter selects, Escape closes and returns the focus. */
export function Menu({ label, items, side = "below", children, class: name = "menu-button" }: Props) {
	const { open, toggle, leave, root, button } = usePopup();
	const id = useId();
	useEffect(() => {
		if (open) entries(root.current)[0]?.focus();
	}, [open, root]);
	const onKeyDown = (event: KeyboardEvent) => {
		if (isComposing(event)) return;
		if (event.key === "Tab") leave();
		else moveFocus(event, entries(root.current));
	};
	return (
		<div class="menu" ref={root}>
			<button
				ref={button}
				type="button"
				class={name}
				aria-label={label}
				aria-haspopup="menu"
				aria-expanded={open}
				aria-controls={open ? id : undefined}
				onClick={toggle}
			>
				{children}
			</button>
			{open ? (
				<div id={id} class={`menu-list menu-${side}`} role="menu" tabIndex={-1} onKeyDown={onKeyDown}>
					{items.map((item) => (
						<Entry key={item.text} item={item} done={leave} />
					))}
				</div>
			) : null}
		</div>
	);
}

const STEPS: Readonly<Record<string, (index: number, count: number) => number>> = {
	ArrowDown: (index, count) => (index + 1) % count,
	ArrowUp: (index, count) => (index + count - 1) % count,
	Home: () => 0,
	End: (_index, count) => count - 1,
};

function moveFocus(event: KeyboardEvent, all: readonly HTMLButtonElement[]): void {
	const move = STEPS[event.key];
	if (!move) return;
	event.preventDefault();
	all[move(all.indexOf(document.activeElement as HTMLButtonElement), all.length)]?.focus();
}

function entries(root: HTMLElement | null): HTMLButtonElement[] {
	return [...(root?.querySelectorAll<HTMLButtonElement>(".menu-item:not(:disabled)") ?? [])];
}

function Entry({ item, done }: { item: MenuItem; done: () => void }) {
	const { keyboard } = useStores();
	const role =
		item.checked === undefined
			? ({ role: "menuitem" } as const)
			: ({
					role: item.toggle ? "menuitemcheckbox" : "menuitemradio",
					"aria-checked": item.checked,
				} as const);
	return (
		<>
			{item.group ? (
				<div class="menu-group" role="presentation">
					{item.group}
				</div>
			) : null}
			<button
				type="button"
				{...role}
				tabIndex={-1}
				class={item.danger ? "menu-item menu-danger" : "menu-item"}
				disabled={item.disabled}
				aria-keyshortcuts={item.shortcut ? keyboard.aria(item.shortcut) : undefined}
				onClick={() => {
					done();
					item.act();
				}}
			>
				{item.icon ? <Icon name={item.icon} size={17} /> : null}
				<span>{item.text}</span>
				{item.checked ? <Icon name="check" size={16} /> : null}
				{item.shortcut ? <ShortcutKeys name={item.shortcut} /> : null}
			</button>
		</>
	);
}
