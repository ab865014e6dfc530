// Zoom, search and details of a flame graph. Frames tell their place in the whole picture: data-x, data-w (of data-width), data-d (depth).
(function () {
  var svg = document.currentScript ? document.currentScript.closest("svg") : document.documentElement;
  var width = Number(svg.dataset.width);
  var frames = Array.prototype.slice.call(svg.querySelectorAll("g.f"));
  var detail = svg.querySelector("#detail");
  var whole = detail.textContent;

  function zoom(x, w, depth) {
    frames.forEach(function (g) {
      var fx = Number(g.dataset.x), fw = Number(g.dataset.w), fd = Number(g.dataset.d);
      var above = fd < depth && fx <= x + 1e-6 && fx + fw >= x + w - 1e-6;
      var inside = fd >= depth && fx >= x - 1e-6 && fx + fw <= x + w + 1e-6;
      g.classList.toggle("off", !above && !inside);
      g.classList.toggle("p", above && depth > 0);
      var nx = above ? 0 : (fx - x) * width / w, nw = above ? width : fw * width / w;
      var rect = g.querySelector("rect"), text = g.querySelector("text");
      rect.setAttribute("x", nx);
      rect.setAttribute("width", Math.max(nw - 0.3, 0.1));
      text.setAttribute("x", nx + 2);
      var room = Math.floor((nw - 4) / 6.6), name = g.dataset.n;
      text.textContent = room < 3 ? "" : name.length <= room ? name : name.slice(0, room - 2) + "..";
    });
  }

  function search(words) {
    var hits = 0;
    frames.forEach(function (g) {
      var hit = words !== "" && g.dataset.n.toLowerCase().indexOf(words.toLowerCase()) >= 0;
      g.classList.toggle("m", hit);
      hits += hit ? 1 : 0;
    });
    detail.textContent = words === "" ? whole : hits + " frames match " + words;
    return hits;
  }

  frames.forEach(function (g) {
    g.addEventListener("mouseenter", function () { detail.textContent = g.querySelector("title").textContent; });
    g.addEventListener("click", function () {
      detail.textContent = g.querySelector("title").textContent;
      zoom(Number(g.dataset.x), Number(g.dataset.w), Number(g.dataset.d));
    });
  });
  svg.querySelector("#reset").addEventListener("click", function () { zoom(0, width, 0); search(""); });
  svg.querySelector("#search").addEventListener("click", function () { search(window.prompt("function") || ""); });
  window.flameGraph = { zoom: zoom, search: search };
})();
