import type { ComponentChildren } from "preact";
import { IconButton } from "../parts/Button";
import { useText } from "../texts/useText";

interface Props {
	open: boolean;
	toggle: () => void;
	children: ComponentChildren;
}

/** Top bar of narrow screens, with the button that opens the side panel. */
export function PhoneBar({ open, toggle, children }: Props) {
	const t = useText();
	return (
		<header class="phone-bar">
			<IconButton
				icon={open ? "close" : "menu"}
				size={20}
				label={open ? t("close_menu") : t("open_menu")}
				expanded={open}
				onClick={toggle}
			/>
			Palique
			{children}
		</header>
	);
}
