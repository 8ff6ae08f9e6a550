/* Small enhancements of pages that work without them. Each is asked for by a data attribute; none stores anything. */
(() => {
  "use strict";
  const language = document.documentElement.lang;
  const yourTime = document.currentScript.dataset.yourTime;
  const all = (selector, act) => document.querySelectorAll(selector).forEach(act);

  /* <li data-instant="2020-07-06T07:00:00Z" data-zone="Asia/Tokyo" hidden>: the reader's own time, where it differs from the zone's. */
  const wallClock = (instant, timeZone) =>
    new Intl.DateTimeFormat(language, { timeZone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(instant);
  const text = (parts, ...types) => parts.filter((part) => types.includes(part.type)).map((part) => part.value).join(":");
  const place = (instant, zone) => {
    if (language === "en") return zone.split("/").pop().replaceAll("_", " ");
    const parts = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: "longGeneric" }).formatToParts(instant);
    return text(parts, "timeZoneName");
  };
  all("[data-instant]", (element) => {
    const instant = new Date(element.dataset.instant);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (isNaN(instant) || !zone) return;
    const mine = wallClock(instant, zone);
    const theirs = element.dataset.zone ? wallClock(instant, element.dataset.zone) : mine;
    if (theirs !== mine && text(mine, "day", "hour", "minute") === text(theirs, "day", "hour", "minute")) return;
    const clock = document.createElement("b");
    clock.className = "num";
    clock.textContent = text(mine, "hour", "minute");
    const otherDay = text(mine, "day", "month") !== text(theirs, "day", "month");
    const day = otherDay ? new Intl.DateTimeFormat(language, { timeZone: zone, weekday: "long", day: "numeric", month: "long" }).format(instant) + ", " : "";
    const [before, after] = { ja: ["（", "）"], ko: ["(", ")"] }[language] || [", ", ""];
    element.replaceChildren(clock, ` ${day}${yourTime}${before}${place(instant, zone)}${after}`);
    element.hidden = false;
  });

  /* <a data-player="https://…" data-player-title="…">: the player takes the link's place when it is pressed. */
  const at = (address, seconds) => (seconds ? address + (address.includes("vimeo") ? `#t=${seconds | 0}s` : `&start=${seconds | 0}`) : address);
  const play = (link, seconds) => {
    const holder = document.createElement("div");
    holder.className = "player";
    holder.id = link.id;
    holder.dataset.playing = link.dataset.player;
    const frame = document.createElement("iframe");
    frame.src = at(link.dataset.player, seconds);
    frame.title = link.dataset.playerTitle || link.textContent.trim();
    frame.allow = "autoplay; fullscreen; picture-in-picture";
    frame.allowFullscreen = true;
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    holder.append(frame);
    link.replaceWith(holder);
    frame.focus();
  };
  const plain = (press) => !(press.metaKey || press.ctrlKey || press.shiftKey);
  all("a[data-player]", (link) =>
    link.addEventListener("click", (press) => {
      if (!plain(press)) return;
      press.preventDefault();
      play(link);
    })
  );

  /* <a data-seek="83.5" href="…">: a passage of a transcript moves the page's own player to its time (seconds). */
  all("a[data-seek]", (link) =>
    link.addEventListener("click", (press) => {
      const player = document.querySelector("video[data-player-video], a[data-player], [data-playing]");
      if (!player || !plain(press)) return;
      press.preventDefault();
      const seconds = Number(link.dataset.seek);
      if (player.dataset.player) play(player, seconds);
      else if (player.dataset.playing) player.firstChild.src = at(player.dataset.playing, seconds);
      else {
        player.currentTime = seconds;
        player.play();
      }
      document.querySelector(".player")?.scrollIntoView({ block: "nearest" });
    })
  );

  /* <input list="…" data-suggest="/organizations/suggest/">: names of the directory, as they are typed. */
  all("input[data-suggest]", (input) => {
    let waiting, last;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      const typed = input.value.trim();
      if (typed.length < 2 || typed === last) return;
      waiting = setTimeout(async () => {
        last = typed;
        try {
          const answer = await fetch(`${input.dataset.suggest}?${new URLSearchParams({ q: typed.slice(0, 100) })}`);
          if (!answer.ok || typed !== last) return;
          const names = await answer.json();
          input.list.replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
        } catch { /* Without suggestions the field is a plain one. */ }
      }, 200);
    });
  });

  /* The summary of a form's errors is read first. A form is sent once. The menu closes with Escape and when left. */
  document.querySelector("[data-error-summary]")?.focus();
  all("form[method=post]", (form) =>
    form.addEventListener("submit", (sending) => {
      if (form.dataset.sent) sending.preventDefault();
      form.dataset.sent = "yes";
    })
  );
  addEventListener("pageshow", () => all("form[data-sent]", (form) => delete form.dataset.sent));
  all("details.menu", (menu) => {
    const leave = (event) => { if (!menu.contains(event.target)) menu.open = false; };
    document.addEventListener("click", leave);
    document.addEventListener("focusin", leave);
    menu.addEventListener("keydown", (press) => {
      if (press.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
})();
