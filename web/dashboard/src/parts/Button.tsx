import "./Button.css";
import { Icon, type IconName } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import { ShortcutKeys } from "../keyboard/Kbd";
import type { ShortcutName } from "../keyboard/shortcuts";
import { useStores } from "../StoresContext";
import { useFormBlocked } from "./Form";

interface ButtonProps {
	kind?: "primary" | "plain" | "quiet" | "danger";
	type?: "button" | "submit";
	icon?: IconName;
	small?: boolean;
	wide?: boolean;
	/** While true, the button keeps its size and focus and ignores clicks. */
	busy?: boolean;
	disabled?: boolean;
	pressed?: boolean;
	/** Set for a button that opens and closes something. */
	expanded?: boolean;
	title?: string;
	shortcut?: ShortcutName;
	onClick?: (event: MouseEvent) => void;
	children: ComponentChildren;
}

export function Button(props: ButtonProps) {
	const { kind = "plain", type = "button", icon, small, wide, busy, title, onClick, children } = props;
	const { keyboard } = useStores();
	const blocked = useFormBlocked() && type === "submit";
	const names = [
		"button",
		`button-${kind}`,
		small && "button-small",
		wide && "button-wide",
		busy && "button-busy",
	];
	return (
		<button
			type={type}
			class={names.filter(Boolean).join(" ")}
			disabled={props.disabled || blocked}
			aria-pressed={props.pressed}
			aria-expanded={props.expanded}
			aria-busy={busy || undefined}
			title={title}
			aria-keyshortcuts={props.shortcut ? keyboard.aria(props.shortcut) : undefined}
			onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
		>
			{icon ? <Icon name={icon} size={small ? 16 : 18} /> : null}
			<span>{children}</span>
			{props.shortcut ? <ShortcutKeys name={props.shortcut} /> : null}
		</button>
	);
}

interface IconButtonProps {
	icon: IconName;
	label: string;
	size?: number;
	pressed?: boolean;
	expanded?: boolean;
	class?: string;
	onClick: (event: MouseEvent) => void;
}

/** Button with only an icon; the label is its accessible name and tooltip. */
export function IconButton({ icon, label, size = 18, pressed, expanded, onClick, ...rest }: IconButtonProps) {
	return (
		<button
			type="button"
			class={`icon-button ${rest.class ?? ""}`}
			title={label}
			aria-label={label}
			aria-pressed={pressed}
			aria-expanded={expanded}
			onClick={onClick}
		>
			<Icon name={icon} size={size} />
		</button>
	);
}
