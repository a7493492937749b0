import { Icon } from "@palique/ui/Icon";

/** Sign and name of the product. */
export function Brand({ class: name, size }: { class: string; size: number }) {
	return (
		<div class={name}>
			<span class="brand-mark">
				<Icon name="chat" size={size} />
			</span>
			Palique
		</div>
	);
}
