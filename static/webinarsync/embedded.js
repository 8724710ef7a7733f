// In a frame: tells the page around how high this one is, and nothing else.
"use strict";

{
  const sendHeight = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    parent.postMessage({ webinarsync: "height", height }, "*");
  };

  new ResizeObserver(sendHeight).observe(document.documentElement);
  sendHeight();
}
