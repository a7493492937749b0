import type { Texts } from "@palique/ui/i18n";
import type { en } from "./en";

/** Spanish texts of the first run. */
export const es: Texts<keyof typeof en> = {
	title: "Configura Palique",
	lead: "Tu sitio y su primer administrador.",
	code: "Código de configuración",
	code_hint: "Está en el registro del gateway; el comando palique setup muestra uno nuevo.",
	origin: "Dirección de tu sitio web",
	origin_hint: "Solo el principio, por ejemplo https://tienda.example. Sus páginas podrán mostrar el chat.",
	name: "Tu nombre",
	submit: "Crear el sitio",
	wrong_code: "Este no es el código más reciente. El comando palique setup muestra uno nuevo.",
	code_expired: "Este código ha caducado. El comando palique setup muestra uno nuevo.",
	done: "Palique ya está configurado, así que el código ya no sirve. Inicia sesión o pide una invitación a un administrador.",
	origin_bad:
		"Escribe solo el principio de la dirección, por ejemplo https://tienda.example: sin ruta, y sin http:// si el sitio está en internet.",
	name_bad: "Los nombres necesitan una letra o cifra y 100 caracteres como máximo.",

	// First steps
	hide: "Ocultar esta lista",
	step_done: "Hecho",
	step_left: "Pendiente",
	seen: "Visto en {origin}",
	unseen: "Todavía no se ha visto en ninguna página. Abre una de las tuyas: aparecerá aquí en unos segundos.",
	refused:
		"Estas páginas han pedido el chat, pero no pueden mostrarlo. Permite solo las direcciones que sean tuyas.",
	ago: "hace {time}",
	allow: "Permitir",
	try: "Pruébalo",
	try_lead: "Abre una página de tu sitio en otra ventana y escribe un mensaje. Acepta el chat aquí.",
	invite: "Invita a alguien de tu equipo",
	invite_lead: "Crea un enlace para cada persona que atienda a tus visitantes.",
	profile: "Completa tu perfil",
};
